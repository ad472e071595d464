/**
 * The documentation's examples of services that ask about tokens, run as they stand: a second
 * Worker, and reverse proxies.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Between, openBetween } from './proxies/between.ts';
import { type Latchkey, MINE, OTHER, startLatchkey } from './proxies/latchkey.ts';
import { oddPaths, plainPaths, queries } from './proxies/paths.ts';
import { programs, type Running, startProxy } from './proxies/programs.ts';
import { devicesServed, readers } from './proxies/readers.ts';
import { openService, type Service, send, targetOf, valuesOf } from './proxies/wire.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-services-'));
let latchkey: Latchkey;

beforeAll(async () => {
  latchkey = await startLatchkey(join(folder, 'worker'));
}, 120_000);

afterAll(async () => {
  await latchkey.miniflare.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe('a second Worker with a service binding', () => {
  const ask = async (device: string, credential?: string) => {
    const meters = await latchkey.miniflare.getWorker('meters');
    const headers: Record<string, string> = credential
      ? { Authorization: `Bearer ${credential}` }
      : {};
    const response = await meters.fetch(`http://meters/devices/${device}/`, { headers });
    return [response.status, await response.text()];
  };

  it('serves who may, and nobody else', async () => {
    const { token, user, strangers, key } = latchkey;
    expect(await ask(MINE, token)).toEqual([200, `Readings of ${MINE} for ${user}`]);
    expect((await ask(OTHER, token))[0]).toBe(403);
    expect((await ask('', token))[0]).toBe(403);
    expect((await ask(MINE))[0]).toBe(401);
    expect((await ask(MINE, strangers))[0]).toBe(401);
    expect((await ask(MINE, key))[0]).toBe(401);
  });

  it('serves the device that was checked, however the path leads there', async () => {
    for (const path of [`${OTHER}/../${MINE}`, `${OTHER}/%2e%2e/${MINE}`, `x\\..\\${MINE}`]) {
      expect(await ask(path, latchkey.token)).toEqual([
        200,
        `Readings of ${MINE} for ${latchkey.user}`,
      ]);
    }
    for (const path of [`${MINE}/../${OTHER}`, `${MINE}%2f..%2f${OTHER}`, `${MINE};x`]) {
      expect((await ask(path, latchkey.token))[0]).toBe(403);
    }
  });
});

describe('the readers of these tests', () => {
  it('each serve the other device for one of the odd paths, and mine for every plain one', () => {
    for (const [name, read] of Object.entries(readers)) {
      expect([name, oddPaths.some((path) => read(path) === 'OTHER')]).toEqual([name, true]);
      for (const path of plainPaths) expect([name, path, read(path)]).toEqual([name, path, 'MINE']);
    }
  });
});

const placed = (path: string): string => path.replaceAll('MINE', MINE).replaceAll('OTHER', OTHER);
const bearer = (credential: string): string => `Authorization: Bearer ${credential}`;

describe.for(programs)('$name', (program) => {
  let between: Between;
  let service: Service;
  let proxy: Running;

  beforeAll(async () => {
    if (!program.path) return;
    between = await openBetween(latchkey.port);
    service = await openService();
    proxy = await startProxy(program, {
      folder,
      latchkey: between.port,
      service: service.port,
      tenant: latchkey.tenant,
    });
  });

  afterEach(() => {
    if (between) between.instead = undefined;
  });

  afterAll(async () => {
    await proxy?.stop();
    await service?.close();
    await between?.close();
  });

  const runs = it.runIf(program.path);

  /**
   * The `X-Latchkey-…` headers that the service received under any name, and what it may mistake
   * for one.
   */
  const told = (headers: [string, string][]) =>
    headers
      .filter(
        ([name, value]) =>
          /latchkey/i.test(name) ||
          /^connection: .*latchkey/i.test(`${name}: ${value}`) ||
          /[\r\n\0]/.test(value),
      )
      .map(([name, value]) => [name.toLowerCase(), value])
      .sort();
  const theTruth = () => [
    ['x-latchkey-device', MINE],
    ['x-latchkey-permission', 'VIEW'],
    ['x-latchkey-user', latchkey.user],
  ];

  runs(
    'lets through who may, by any method, and tells who it is and what was checked',
    async () => {
      for (const init of [
        {},
        { method: 'POST', body: 'x'.repeat(10_000) },
        { method: 'DELETE' },
        { method: 'PATCH', body: '{}' },
      ]) {
        const { token } = latchkey;
        const answer = await send(proxy.port, `/devices/${MINE}/x?day=1`, [bearer(token)], init);
        expect([init, answer.status, answer.body]).toEqual([init, 200, 'readings']);
        const [seen, ...more] = service.seen();
        expect(more).toEqual([]);
        expect(seen && targetOf(seen)).toBe(`/devices/${MINE}/x?day=1`);
        expect(told(seen?.headers ?? [])).toEqual(theTruth());
      }
    },
  );

  runs('refuses, with the challenge, who may not, and the service never hears of it', async () => {
    const { token, strangers, key } = latchkey;
    const cases: [number, string, string[]][] = [
      [401, MINE, []],
      [401, MINE, [bearer('x')]],
      [401, MINE, [bearer(strangers)]],
      [401, MINE, [bearer(key)]],
      [401, MINE, [`Authorization: Basic ${btoa(`x:${token}`)}`]],
      [403, OTHER, [bearer(token)]],
      [403, 'NOTHERE1', [bearer(token)]],
    ];
    for (const [status, device, lines] of cases) {
      const answer = await send(proxy.port, `/devices/${device}/`, lines);
      expect([lines, answer.status]).toEqual([lines, status]);
      if (status === 401) expect(valuesOf(answer, 'WWW-Authenticate')[0]).toMatch(/^Bearer /);
      expect(service.seen()).toEqual([]);
    }
  });

  runs('refuses what two programs could read differently, before it asks', async () => {
    for (const path of oddPaths) {
      between.asked();
      const answer = await send(proxy.port, placed(path), [bearer(latchkey.token)]);
      expect([path, answer.status]).toEqual([path, expect.toBeOneOf([400, 404])]);
      expect([path, service.seen(), between.asked()]).toEqual([path, [], []]);
    }
  });

  runs('lets through every plain path with every query, as it was written', async () => {
    for (const path of plainPaths) {
      for (const query of ['', ...(path === plainPaths[0] ? queries : [])]) {
        const target = placed(path + query);
        const answer = await send(proxy.port, target, [bearer(latchkey.token)]);
        expect([target, answer.status]).toEqual([target, 200]);
        const [seen] = service.seen();
        expect(seen && targetOf(seen)).toBe(target);
        expect(new Set(devicesServed(seen ? targetOf(seen) : ''))).toEqual(new Set([MINE]));
      }
    }
  });

  runs('serves nothing but what was checked, whatever is put together', async () => {
    const { token } = latchkey;
    const parts = [
      '..',
      '.',
      '',
      'MINE',
      'OTHER',
      'devices',
      '%2e%2e',
      '..%2f',
      '..;',
      '..\\',
      'x',
    ];
    for (const first of parts) {
      for (const second of parts) {
        for (const path of [
          `/devices/MINE/${first}/${second}/x`,
          `/${first}/devices/${second}/x`,
        ]) {
          await send(proxy.port, placed(path), [bearer(token)]);
          for (const seen of service.seen()) {
            const devices = new Set(devicesServed(targetOf(seen)));
            expect([path, [...devices]]).toEqual([path, [MINE]]);
          }
        }
      }
    }
  });

  runs('gives the service nothing that the client made up, however it is spelled', async () => {
    const forged = [
      ...['User', 'External-Id', 'Tenant', 'Expires-At', 'Device', 'Station', 'Permission'],
      ...['Actor', 'Degraded', 'Verify', 'Bookmark'],
    ].map((name) => `X-Latchkey-${name}`);
    const spellings = [
      (name: string) => name,
      (name: string) => name.toLowerCase(),
      (name: string) => name.toUpperCase(),
      (name: string) => name.replaceAll('-', '_'),
      (name: string) => name.replace('-', '_'),
      (name: string) => name.toLowerCase().replaceAll('-', '_'),
    ];
    for (const spell of spellings) {
      for (const connection of [
        'close',
        `close, ${forged.join(', ')}`,
        `X-Latchkey-User,close,x-latchkey-device`,
        'x_latchkey_user, close',
      ]) {
        const lines = [bearer(latchkey.token), `Connection: ${connection}`];
        lines.push(...forged.map((name) => `${spell(name)}: 1`));
        const answer = await send(proxy.port, `/devices/${MINE}/`, lines);
        expect([lines, answer.status]).toEqual([lines, 200]);
        const [seen] = service.seen();
        expect([lines, told(seen?.headers ?? [])]).toEqual([lines, theTruth()]);
      }
    }
  });

  runs('takes no line for a header of ours that only some programs take for one', async () => {
    for (const line of [
      'X-Latchkey-User : 1',
      'X-Latchkey-User\t: 1',
      ' X-Latchkey-User: 1',
      'Accept: x\r\n\tX-Latchkey-User: 1',
      'Accept: x\rX-Latchkey-User: 1',
      'Accept: x\nX-Latchkey-User: 1',
      'X-Latchkey-User\0: 1',
      'X Latchkey User: 1',
      'X.Latchkey.User: 1',
      'X-Latchkey-User: 1\r\nX-Latchkey-User: 2',
    ]) {
      await send(proxy.port, `/devices/${MINE}/`, [bearer(latchkey.token), line]);
      for (const seen of service.seen()) {
        expect([line, told(seen.headers)]).toEqual([line, theTruth()]);
      }
    }
  });

  runs('opens no connection in which nobody checks what is asked next', async () => {
    for (const lines of [
      ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c'],
      ['Connection: Upgrade', 'Upgrade: h2c'],
      ['connection: upgrade', 'upgrade: H2C'],
      ['Connection: Upgrade', 'Upgrade: websocket, h2c'],
      ['Connection: Upgrade', 'Upgrade: websocket', 'Upgrade: h2c'],
    ]) {
      const more = [
        ...['HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA', 'Connection: close'],
        bearer(latchkey.token),
      ];
      const { status } = await send(proxy.port, `/devices/${MINE}/x`, [...lines, ...more]);
      const seen = service.seen();
      expect([lines, status]).toEqual([lines, seen.length > 0 ? 200 : 400]);
      expect(seen.flatMap((head) => valuesOf(head, 'Upgrade'))).toEqual([]);
    }
  });

  runs('asks about the device alone: no header of ours goes with the question', async () => {
    between.asked();
    const lines = [
      `X-Latchkey-Verify: ${latchkey.tenant}`,
      `X_Latchkey_Verify: ${latchkey.tenant}`,
    ];
    await send(proxy.port, `/devices/${OTHER}/x?day=1`, [bearer(latchkey.token), ...lines]);
    const [question, ...more] = between.asked();
    expect(more).toEqual([]);
    expect(question?.url).toBe(`/verify/${latchkey.tenant}?device=${OTHER}`);
    const names = Object.keys(question?.headers ?? {});
    expect(names.filter((name) => name.includes('latchkey'))).toEqual([]);
    expect(service.seen()).toEqual([]);
  });

  runs('says 503 where Latchkey does, with its Retry-After, and lets nobody through', async () => {
    const ask = async () => {
      const answer = await send(proxy.port, `/devices/${MINE}/`, [bearer(latchkey.token)]);
      return [answer.status, valuesOf(answer, 'Retry-After')];
    };
    between.instead = { status: 503, headers: { 'Retry-After': '7' } };
    expect(await ask()).toEqual([503, ['7']]);
    for (const instead of ['cut', { status: 500, headers: {} }, { status: 302, headers: {} }]) {
      between.instead = instead as Between['instead'];
      const [status] = await ask();
      expect(status).toBeOneOf([302, 500, 502, 503]);
    }
    expect(service.seen()).toEqual([]);
    between.instead = undefined;
    expect((await ask())[0]).toBe(200);
  });
});
