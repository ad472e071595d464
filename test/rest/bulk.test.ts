/**
 * Importing and exporting end users: one line each, in order. Each line takes effect whole or not
 * at all.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { D1_AWAY, d1Failing, d1OfSize, watchD1 } from '../doubles/d1.ts';
import { hush } from '../secrets.ts';
import {
  type Device,
  env,
  fresh,
  grant,
  type Json,
  newDevices,
  newKey,
  newMember,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  snapshot,
  succeed,
  type Tenant,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let devices: Device[];
let one: Device;
let two: Device;

beforeEach(async () => {
  tenant = await newTenant(world);
  devices = await newDevices(world, tenant, 3);
  [one, two] = devices as [Device, Device];
});

const linesOf = (text: string): Json[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const post = (body: BodyInit, credential: string | null = tenant.key, where = world) =>
  where.send('/import', credential, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/x-ndjson' },
  });

async function load(values: unknown[], credential = tenant.key, where = world): Promise<Json[]> {
  const body = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  const response = await post(body.join('\n'), credential, where);
  expect(response.status).toBe(200);
  expect(response.headers.get('Content-Type')).toBe('application/x-ndjson');
  return linesOf(await response.text());
}

async function dump(credential = tenant.key, query = ''): Promise<Json[]> {
  const response = await world.send(`/export${query}`, credential);
  expect(response.status).toBe(200);
  return linesOf(await response.text());
}

const outcomes = (answers: Json[]) =>
  answers.map(({ outcome, errors }) => outcome ?? errors[0].code);
const id = ({ deviceId }: Device) => ({ deviceId });
const FAR = '2100-01-01T00:00:00.000Z';

const eventsOf = async ({ id }: Tenant, from = 0): Promise<string[]> => {
  const { results } = await env.DB.prepare(
    'SELECT action, subject, actor_kind FROM audit_events WHERE tenant_id = ? AND user_id IS ' +
      'NOT NULL ORDER BY number',
  )
    .bind(Number(id))
    .all<{ action: string; subject: string; actor_kind: string }>();
  return results
    .slice(from)
    .map(({ action, subject, actor_kind }) => `${actor_kind} ${action} ${subject}`);
};

describe('an import', () => {
  it('creates users and grants devices, and says of each line what it did, in order', async () => {
    const answers = await load([
      { externalId: 'a' },
      { externalId: 'b', devicePermissions: [id(one), { meterId: two.meterId, expiresAt: FAR }] },
      { externalId: 'c', chargingPermissions: [{ ...id(two), expiresAt: null }] },
    ]);
    expect(answers).toEqual([
      { line: 1, externalId: 'a', outcome: 'created' },
      { line: 2, externalId: 'b', outcome: 'created' },
      { line: 3, externalId: 'c', outcome: 'created' },
    ]);
    expect(await dump()).toEqual([
      { externalId: 'a', suspended: false, devicePermissions: [], chargingPermissions: [] },
      {
        externalId: 'b',
        suspended: false,
        devicePermissions: [
          { ...id(one), expiresAt: null },
          { ...id(two), expiresAt: FAR },
        ],
        chargingPermissions: [],
      },
      {
        externalId: 'c',
        suspended: false,
        devicePermissions: [],
        chargingPermissions: [{ ...id(two), expiresAt: null }],
      },
    ]);
  });

  it('leaves the events that single calls leave', async () => {
    const other = await newTenant(world);
    const [mine] = await newDevices(world, other);
    const user = await newUser(world, other, 'same');
    await grant(world, other, user.identifier, [mine as Device]);
    await grant(world, other, user.identifier, [mine as Device], 'addChargingPermission', FAR);
    await succeed(
      world.call(other.key, 'updateUser', { userIdentifier: user.identifier, suspended: true }),
    );
    await load([
      {
        externalId: 'same',
        suspended: true,
        devicePermissions: [id(one)],
        chargingPermissions: [{ ...id(one), expiresAt: FAR }],
      },
    ]);
    const named = (events: string[], { deviceId }: Device) =>
      events.map((event) => event.replaceAll(deviceId, 'DEVICE')).sort();
    expect(named(await eventsOf(tenant), one)).toEqual(
      named(await eventsOf(other), mine as Device),
    );
  });

  it('repeated, changes nothing', async () => {
    const values = [
      { externalId: 'a', suspended: true, devicePermissions: [{ ...id(one), expiresAt: FAR }] },
      { externalId: 'b', chargingPermissions: [id(one), id(two)] },
    ];
    await load(values);
    const before = await snapshot();
    expect(outcomes(await load(values))).toEqual(['unchanged', 'unchanged']);
    expect(await snapshot()).toBe(before);
  });

  it(
    'keeps the end of a running permission where a line says nothing of it, and sets it where ' +
      'it does',
    async () => {
      const ends = async () =>
        (await dump())[0].devicePermissions.map((one: Json) => one.expiresAt);
      await load([{ externalId: 'a', devicePermissions: [{ ...id(one), expiresAt: FAR }] }]);
      expect(outcomes(await load([{ externalId: 'a', devicePermissions: [id(one)] }]))).toEqual([
        'unchanged',
      ]);
      expect(await ends()).toEqual([FAR]);
      const lifted = { externalId: 'a', devicePermissions: [{ ...id(one), expiresAt: null }] };
      expect(outcomes(await load([lifted]))).toEqual(['changed']);
      expect(await ends()).toEqual([null]);
      await env.DB.prepare('UPDATE permissions SET expires_at = 1').run();
      expect(outcomes(await load([{ externalId: 'a', devicePermissions: [id(one)] }]))).toEqual([
        'changed',
      ]);
      expect(await ends()).toEqual([null]);
    },
  );

  it('leaves an event for each end, and for a device named twice uses its end', async () => {
    const ends = ['2090-01-01T00:00:00.000Z', FAR];
    await load([
      {
        externalId: 'a',
        devicePermissions: [
          { ...id(one), expiresAt: ends[0] },
          { ...id(two), expiresAt: ends[1] },
          { meterId: one.meterId },
        ],
      },
    ]);
    expect((await dump())[0].devicePermissions).toEqual([
      { ...id(one), expiresAt: ends[0] },
      { ...id(two), expiresAt: ends[1] },
    ]);
    const events = (await eventsOf(tenant)).filter((event) => event.includes('permission.add'));
    expect(events.sort()).toEqual(
      [one, two].map(
        ({ deviceId }, n) =>
          'API_KEY permission.add ' +
          `{"permission":"VIEW","deviceIds":["${deviceId}"],` +
          `"expiresAt":${Date.parse(ends[n] ?? '')}}`,
      ),
    );
  });

  it('leaves the other lines done when one fails, and that one undone', async () => {
    const foreign = (await newDevices(world, await newTenant(world)))[0] as Device;
    const answers = await load([
      { externalId: 'a', devicePermissions: [id(one)] },
      { externalId: 'b', suspended: true, devicePermissions: [id(one), id(foreign)] },
      { externalId: 'c', chargingPermissions: [{ meterId: 'nobodys' }] },
      { externalId: 'd', devicePermissions: [{ ...id(one), ...{ meterId: one.meterId } }] },
      { externalId: 'e', devicePermissions: [{ ...id(one), expiresAt: '2020-01-01T00:00:00Z' }] },
      { externalId: 'f', devicePermissions: [{ ...id(one), expiresAt: '2100-02-30T00:00:00Z' }] },
      { externalId: '' },
      { externalId: 'g', devices: [id(one)] },
      { externalId: 'h', devicePermissions: Array(501).fill(id(one)) },
      { externalId: '\ud800' },
      'no JSON',
      '[]',
      'null',
      '7',
      '',
      '  \r',
      { externalId: 'z' },
    ]);
    expect(answers.map(({ line, errors }) => [line, errors?.[0].path.join('.')])).toEqual([
      [1, undefined],
      [2, 'devicePermissions.1.deviceId'],
      [3, 'chargingPermissions.0.meterId'],
      [4, 'devicePermissions.0'],
      [5, 'devicePermissions.0.expiresAt'],
      [6, 'devicePermissions.0.expiresAt'],
      [7, 'externalId'],
      [8, 'devices'],
      [9, 'devicePermissions'],
      [10, 'externalId'],
      [11, ''],
      [12, ''],
      [13, ''],
      [14, ''],
      [17, undefined],
    ]);
    for (const { errors = [] } of answers) {
      for (const { code, message } of errors) {
        expect(code).toMatch(/^(INVALID|NOT_FOUND)$/);
        expect(message).toMatch(/\.$/);
      }
    }
    expect((await dump()).map(({ externalId }) => externalId)).toEqual(['a', 'z']);
  });

  it('tells nothing of another tenant: its device looks like one that does not exist', async () => {
    const foreign = (await newDevices(world, await newTenant(world)))[0] as Device;
    const ask = (device: object) => load([{ externalId: 'a', devicePermissions: [device] }]);
    expect(await ask(id(foreign))).toEqual(await ask({ deviceId: 'NOBODY00' }));
    expect(await ask({ meterId: foreign.meterId })).toEqual(await ask({ meterId: 'nobodys' }));
  });

  it('does the lines of one user one after the other', async () => {
    const answers = await load([
      { externalId: 'a', suspended: true },
      { externalId: 'b' },
      { externalId: 'a', suspended: false, devicePermissions: [id(one)] },
      { externalId: 'a', suspended: false },
    ]);
    expect(outcomes(answers)).toEqual(['created', 'created', 'changed', 'unchanged']);
    expect((await dump())[0]).toMatchObject({ externalId: 'a', suspended: false });
  });

  it('ends the sessions of whom it suspends, and lets sessions see what it grants', async () => {
    const user = await newUser(world, tenant, 'a');
    const { accessToken } = await newSession(world, tenant, user.identifier);
    const verify = async () =>
      (await newWorld().send(`/verify/${tenant.id}?device=${one.deviceId}`, accessToken)).status;
    await load([{ externalId: 'a', devicePermissions: [id(one)] }]);
    const copy = () => env.SESSIONS.get(`ses:${accessToken.slice(7, 23)}`);
    await vi.waitFor(async () => expect(await copy()).toContain(one.deviceId));
    expect(await verify()).toBe(204);
    await load([{ externalId: 'a', suspended: true }]);
    await vi.waitFor(async () => expect(await copy()).toBeNull(), 3_000);
    expect(await verify()).toBe(401);
  });

  it(
    'reads lines that come in pieces, at the end without a line break, and after a byte order ' +
      'mark',
    async () => {
      const bytes = new TextEncoder().encode(
        `\ufeff${JSON.stringify({ externalId: 'ünï' })}\r\n${JSON.stringify({ externalId: '末' })}`,
      );
      const pieces = new ReadableStream({
        start(out) {
          for (const byte of bytes) out.enqueue(new Uint8Array([byte]));
          out.close();
        },
      });
      expect(linesOf(await (await post(pieces)).text())).toEqual([
        { line: 1, externalId: 'ünï', outcome: 'created' },
        { line: 2, externalId: '末', outcome: 'created' },
      ]);
      const broken = new Uint8Array([0x22, 0xff, 0x22, 0x0a]);
      expect(outcomes(linesOf(await (await post(broken)).text()))).toEqual(['INVALID']);
      expect(await (await post('')).text()).toBe('');
    },
  );

  it('has bounds: of a line, and of lines', async () => {
    const long = await load([`"${'x'.repeat(200_000)}"`, { externalId: 'a' }]);
    expect(outcomes(long)).toEqual(['INVALID', 'created']);
    const deep = await load([`${'['.repeat(49_000)}${']'.repeat(49_000)}`]);
    expect(outcomes(deep)).toEqual(['INVALID']);
    const many = await load([...Array(100_001).fill('?'), { externalId: 'b' }]);
    expect(outcomes(many.slice(0, 1))).toEqual(['INVALID']);
    expect(many.at(-1)).toMatchObject({ line: many.length, errors: [{ code: 'LIMITED' }] });
    expect(many.length).toBeLessThanOrEqual(100_001);
    expect((await dump()).map(({ externalId }) => externalId)).toEqual(['a']);
  }, 30_000);

  it('stops when an invocation can write no more copies, and says what to send again', async () => {
    const users = Array.from({ length: 17 }, (_, n) => ({ externalId: `u${n}` }));
    await load(users);
    await env.DB.prepare(
      `INSERT INTO sessions (id, tenant_id, user_id, hash, created_at, renewed_at, renew_after,
        expires_at)
       SELECT 'session-' || u.id || '-' || j.value, u.tenant_id, u.id, '', 1, 1, 1,
       ${Date.now() + 1e9} FROM users u, json_each(?) j WHERE u.tenant_id = ?`,
    )
      .bind(JSON.stringify([...Array(50).keys()]), Number(tenant.id))
      .run();
    const granted = users.map((user) => ({ ...user, devicePermissions: [id(one)] }));
    // A user who is there twice needs a separate round trip.
    const twice = [...granted, { externalId: 'u0' }, { externalId: 'new' }];
    expect(outcomes(await load(twice))).toEqual([...Array(16).fill('changed'), 'LIMITED']);
    // Unchanged users need no copies.
    const again = outcomes(await load(twice));
    expect(again).toEqual([
      ...[...Array(16).fill('unchanged'), 'changed'],
      ...['unchanged', 'created'],
    ]);
  }, 60_000);

  it('says what it did not do when D1 fails or the key is removed midway', async () => {
    hush('error');
    const failing = newWorld({ DB: d1Failing(({ nth }) => nth === 4) });
    const values = ['a', 'a', 'a', 'b', 'a'].map((externalId) => ({ externalId }));
    const answers = await load(values, tenant.key, failing);
    expect(answers).toMatchObject([
      { line: 1, outcome: 'created' },
      { line: 2, errors: [{ code: 'UNAVAILABLE' }] },
    ]);
    expect(outcomes(await load(values))).toEqual([
      ...['unchanged', 'unchanged', 'unchanged'],
      ...['created', 'unchanged'],
    ]);

    const scopes = ['users:read', 'users:write', 'permissions:write'];
    const key = await newKey(world, tenant, scopes);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const response = post(readable, key.secret, newWorld());
    const writer = writable.getWriter();
    const send = (externalId: string) =>
      writer.write(new TextEncoder().encode(`${JSON.stringify({ externalId })}\n`));
    await send('c');
    await send('c');
    const isThere = () =>
      env.DB.prepare("SELECT 1 FROM users WHERE tenant_id = ? AND external_id = 'c'")
        .bind(Number(tenant.id))
        .first();
    while (!(await isThere())) await scheduler.wait(5);
    await env.DB.prepare('UPDATE api_keys SET removed_at = 1 WHERE id = ?').bind(key.id).run();
    await send('d');
    await writer.close();
    // It is remembered for at most 30 s, and changes nothing meanwhile.
    expect(linesOf(await (await response).text())).toMatchObject([
      { line: 1, outcome: 'created' },
      { line: 2, errors: [{ code: 'UNAUTHENTICATED' }] },
    ]);
  });
});

describe('an export', () => {
  it('of what was imported into an empty tenant is the same again', async () => {
    const values = Array.from({ length: 1_500 }, (_, n) => ({
      externalId: `user ${String(n).padStart(5, '0')}`,
      ...(n % 7 === 0 ? { suspended: true } : {}),
      devicePermissions: devices.slice(0, n % 4).map(id),
      chargingPermissions: n % 5 === 0 ? [{ ...id(two), expiresAt: FAR }] : [],
    }));
    expect(new Set(outcomes(await load(values)))).toEqual(new Set(['created']));
    await newMember(tenant);
    const first = await dump();
    expect(first).toHaveLength(1_500);
    expect(first.filter(({ suspended }) => suspended)).toHaveLength(215);

    const other = await newTenant(world);
    const deviceIdentifiers = devices.map(id);
    await succeed(
      world.call(operator, 'removeDevices', { intermediaryId: tenant.id, deviceIdentifiers }),
    );
    await succeed(world.call(operator, 'addDevices', { intermediaryId: other.id, devices }));
    await load(first, other.key);
    expect(await dump(other.key)).toEqual(first);
  }, 30_000);

  it('of a user with more devices than a line may have is several lines', async () => {
    const many = [
      ...(await newDevices(world, tenant, 400)),
      ...(await newDevices(world, tenant, 300)),
    ];
    const halves = [many.slice(0, 400), many.slice(400)];
    for (const half of halves) await load([{ externalId: 'a', devicePermissions: half.map(id) }]);
    await load([{ externalId: 'b' }]);
    const lines = await dump();
    expect(lines.map((line) => [line.externalId, line.devicePermissions.length])).toEqual([
      ['a', 500],
      ['a', 200],
      ['b', 0],
    ]);
    expect(new Set(outcomes(await load(lines)))).toEqual(new Set(['unchanged']));
  }, 30_000);

  it('goes on behind an externalId', async () => {
    await load([{ externalId: 'a' }, { externalId: 'b&c' }, { externalId: 'd' }]);
    const rest = await dump(tenant.key, `?after=${encodeURIComponent('b&c')}`);
    expect(rest.map(({ externalId }) => externalId)).toEqual(['d']);
    expect(await dump((await newTenant(world)).key)).toEqual([]);
  });

  it('breaks off rather than look whole when D1 goes away in its midst', async () => {
    hush('error');
    await load(Array.from({ length: 1_001 }, (_, n) => ({ externalId: fresh(`user ${n}`) })));
    // Whose key it is, its event, the first page.
    const failing = newWorld({ DB: d1Failing(({ nth }) => nth === 4) });
    const response = await failing.send('/export', tenant.key);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    const away = newWorld({
      DB: D1_AWAY,
    });
    expect((await away.send('/export', tenant.key)).status).toBe(503);
  });
});

describe('both', () => {
  it.each([
    ['/import', 'POST', ['users:read', 'users:write', 'permissions:write']],
    ['/export', 'GET', ['users:read']],
  ])(
    '%s is for keys with its scopes, and says to others what all calls say',
    async (path, method, scopes) => {
      const user = await newUser(world, tenant);
      const session = (await newSession(world, tenant, user.identifier)).accessToken;
      const member = (await newSession(world, tenant, (await newMember(tenant, 1)).identifier))
        .accessToken;
      const before = await snapshot();
      const ask = async (credential: string | null) => {
        const response = await world.send(path, credential, {
          method,
          ...(method === 'POST'
            ? {
                body: '{"externalId":"x"}',
                headers: { 'Content-Type': 'application/x-ndjson' },
              }
            : {}),
        });
        return [response.status, Object.keys(((await response.json()) as Json).message.errors)[0]];
      };
      for (const credential of [null, 'lk_key_forged', `${tenant.key}0`]) {
        expect(await ask(credential)).toEqual([401, 'token']);
      }
      for (const credential of [session, member, operator]) {
        expect(await ask(credential)).toEqual([403, 'permission']);
      }
      expect(await snapshot()).toBe(before);
      const all = [
        'users:read',
        'users:write',
        'permissions:write',
        'stations:read',
        'orders:read',
      ];
      for (const missing of scopes) {
        const key = await newKey(
          world,
          tenant,
          all.filter((scope) => scope !== missing),
        );
        expect(await ask(key.secret)).toEqual([403, 'permission']);
      }
      const enough = await newKey(world, tenant, scopes);
      const response = await world.send(path, enough.secret, {
        method,
        ...(method === 'POST'
          ? { body: '', headers: { 'Content-Type': 'application/jsonl; charset=utf-8' } }
          : {}),
      });
      expect(response.status).toBe(200);
      await response.text();
    },
  );

  it('take the content type and the method that they are for', async () => {
    const init = {
      method: 'POST',
      body: '{"externalId":"x"}',
      headers: { 'Content-Type': 'application/json' },
    };
    expect((await world.send('/import', tenant.key, init)).status).toBe(415);
    expect((await world.send('/import', tenant.key)).status).toBe(405);
    expect((await world.send('/export', tenant.key, { method: 'POST' })).status).toBe(405);
    expect(await dump()).toEqual([]);
  });
});

describe('a limit', () => {
  const setLimits = (limits: object) =>
    succeed(world.call(operator, 'updateIntermediary', { id: tenant.id, limits }));
  const quota = (limit: string) => [
    { code: 'QUOTA', path: [], message: expect.stringContaining(`"${limit}"`) },
  ];
  const view = (...list: Device[]) => ({
    devicePermissions: list.map(({ deviceId }) => ({ deviceId })),
  });

  it('refuses a line, and the next one goes on', async () => {
    await load([{ externalId: 'old', ...view(one) }]);
    await setLimits({ users: 3, grants: 3 });
    const before = await snapshot();
    const answers = await load([
      { externalId: 'a', ...view(one) },
      { externalId: 'b', ...view(one, two) },
      { externalId: 'old', ...view(one) },
      { externalId: 'c', ...view(two) },
      { externalId: 'd' },
      { externalId: 'old', suspended: true },
    ]);
    expect(answers).toEqual([
      { line: 1, externalId: 'a', outcome: 'created' },
      { line: 2, errors: quota('grants') },
      { line: 3, externalId: 'old', outcome: 'unchanged' },
      { line: 4, externalId: 'c', outcome: 'created' },
      { line: 5, errors: quota('users') },
      { line: 6, externalId: 'old', outcome: 'changed' },
    ]);
    expect(await snapshot()).not.toBe(before);
    // Again: what is there is there, and what did not fit does not.
    const after = await snapshot();
    expect(await load([{ externalId: 'c', ...view(two) }, { externalId: 'd' }])).toEqual([
      { line: 1, externalId: 'c', outcome: 'unchanged' },
      { line: 2, errors: quota('users') },
    ]);
    expect(await snapshot()).toBe(after);
  });

  it('of events refuses what grows, and suspends whoever is to be', async () => {
    await load([{ externalId: 'a' }, { externalId: 'b' }]);
    const { usage } = (
      await world.ask(tenant.key, '{ caller { intermediary { usage { eventsPerDay } } } }')
    ).intermediary;
    await setLimits({ eventsPerDay: usage.eventsPerDay + 1 });
    expect(
      await load([
        { externalId: 'a', suspended: true },
        { externalId: 'c' },
        { externalId: 'b', suspended: true },
        { externalId: 'd' },
        { externalId: 'x' },
      ]),
    ).toEqual([
      { line: 1, externalId: 'a', outcome: 'changed' },
      { line: 2, errors: quota('eventsPerDay') },
      { line: 3, externalId: 'b', outcome: 'changed' },
      { line: 4, errors: quota('eventsPerDay') },
      { line: 5, errors: quota('eventsPerDay') },
    ]);
  });

  it('holds where imports run side by side', async () => {
    await setLimits({ users: 5 });
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, n) =>
        load([`p${n}-1`, `p${n}-2`, `p${n}-3`].map((externalId) => ({ externalId }))),
      ),
    );
    const created = answers.flat().filter(({ outcome }) => outcome === 'created');
    const refused = answers.flat().filter(({ errors }) => errors?.[0].code === 'QUOTA');
    expect(created.length + refused.length).toBe(12);
    expect(created.length).toBeLessThanOrEqual(5);
    const { usage } = (
      await world.ask(tenant.key, '{ caller { intermediary { usage { users } } } }')
    ).intermediary;
    expect(usage.users).toBe(created.length);
  });
});

describe('what ends something', () => {
  const setDaily = (eventsPerDay: number) =>
    succeed(
      world.call(operator, 'updateIntermediary', {
        id: tenant.id,
        limits: { eventsPerDay },
      }),
    );
  const usedToday = async (): Promise<number> =>
    (await world.ask(tenant.key, '{ caller { intermediary { usage { eventsPerDay } } } }'))
      .intermediary.usage.eventsPerDay;
  const held = (device: Device, expiresAt: string | null = null) => ({
    devicePermissions: [{ ...id(device), expiresAt }],
  });
  const inSeconds = (seconds: number) => new Date(Date.now() + 1_000 * seconds).toISOString();
  const nearlyFull = () => newWorld({ DB: d1OfSize(9_600_000_000) });
  const names = (prefix: string) => Array.from({ length: 10 }, (_, n) => `${prefix}${n}`);

  it.each([15, 35])('is done once where imports side by side use up %i events', async (left) => {
    const lists = ['p', 'q'].map(names);
    for (const externalId of lists.flat()) {
      const user = await newUser(world, tenant, externalId);
      await newSession(world, tenant, user.identifier);
    }
    await setDaily((await usedToday()) + left);
    const error = vi.spyOn(console, 'error');
    const before = (await eventsOf(tenant)).length;
    // Both have read what is left before either writes.
    let reads = 0;
    const { promise: bothRead, resolve } = Promise.withResolvers<void>();
    const { DB } = watchD1({
      async after(results, { texts }) {
        if (texts.length > 5) return;
        if (results.some((one) => one.results.some((row) => 'faulty' in (row as object)))) {
          if (++reads === 2) resolve();
          if (reads <= 2) await bothRead;
        }
      },
    });
    const answers = await Promise.all(
      lists.map((list, n) =>
        load(
          [
            ...list.map((externalId) => ({ externalId, suspended: true })),
            ...names(`new${n}-`).map((externalId) => ({ externalId })),
          ],
          tenant.key,
          newWorld({ DB }),
        ),
      ),
    );
    expect(error).not.toHaveBeenCalled();
    expect(reads).toBeGreaterThan(2);
    for (const one of answers) {
      expect(outcomes(one).slice(0, 10)).toEqual(Array(10).fill('changed'));
      expect(one).toHaveLength(20);
    }
    const created = answers.flatMap(outcomes).filter((outcome) => outcome === 'created');
    const refused = answers.flatMap(outcomes).filter((outcome) => outcome === 'QUOTA');
    expect(created.length + refused.length).toBe(20);
    expect((await eventsOf(tenant)).length - before).toBe(20 + created.length);
  });

  it('takes effect near a full database, line by line, also behind a line that adds', async () => {
    await load([{ externalId: 'a' }, { externalId: 'b' }]);
    const answers = await load(
      [
        { externalId: 'a', suspended: true },
        { externalId: 'new' },
        // A user who is there twice needs a separate round trip.
        { externalId: 'a', suspended: true },
        { externalId: 'newer' },
        { externalId: 'b', suspended: true },
      ],
      tenant.key,
      nearlyFull(),
    );
    expect(outcomes(answers)).toEqual([
      ...['changed', 'UNAVAILABLE', 'unchanged', 'UNAVAILABLE', 'changed'],
    ]);
    expect(answers[1]).toEqual({
      line: 2,
      errors: [
        {
          code: 'UNAVAILABLE',
          path: [],
          message: expect.stringContaining('is nearly full'),
        },
      ],
    });
    expect((await dump()).map(({ externalId, suspended }) => [externalId, suspended])).toEqual([
      ['a', true],
      ['b', true],
    ]);
  });

  it('is told as done where D1 goes away behind it', async () => {
    const error = hush('error');
    await load([{ externalId: 'a' }]);
    await setDaily((await usedToday()) + 2);
    let writes = 0;
    const DB = d1Failing(({ texts }) => texts.length > 10 && ++writes === 2);
    const values = [
      { externalId: 'a', suspended: true },
      ...['new', 'newer'].map((externalId) => ({ externalId })),
    ];
    const answers = await load(values, tenant.key, newWorld({ DB }));
    expect(outcomes(answers)).toEqual(['changed', 'UNAVAILABLE', 'QUOTA']);
    expect(error).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['the events of the day are used up', 'QUOTA'],
    ['the database is nearly full', 'UNAVAILABLE'],
  ])('is all that is done where %s', async (_, code) => {
    await load([
      { externalId: 'shortened', ...held(one) },
      { externalId: 'shortened and suspended', ...held(one, FAR) },
      { externalId: 'shortened later and suspended', ...held(one) },
      {
        externalId: 'shortened beside what stays',
        ...held(one, FAR),
        chargingPermissions: [id(two)],
      },
      { externalId: 'suspended', suspended: true },
      { externalId: 'far', ...held(one) },
      { externalId: 'twice', ...held(one, FAR) },
      { externalId: 'added', ...held(one, FAR) },
      { externalId: 'at hand', ...held(one, inSeconds(50)) },
      { externalId: 'lengthened', ...held(one, inSeconds(20)) },
    ]);
    const isFull = code === 'UNAVAILABLE';
    if (!isFull) await setDaily(await usedToday());
    const soon = inSeconds(40);
    const ends = [
      { externalId: 'shortened', ...held(one, soon) },
      { externalId: 'shortened and suspended', suspended: true, ...held(one, soon) },
      { externalId: 'shortened later and suspended', suspended: true, ...held(one, FAR) },
      {
        externalId: 'shortened beside what stays',
        ...held(one, soon),
        chargingPermissions: [id(two)],
      },
    ];
    const grows = [
      { externalId: 'suspended', suspended: false },
      { externalId: 'far', ...held(one, FAR) },
      {
        externalId: 'twice',
        devicePermissions: [
          { ...id(one), expiresAt: soon },
          { meterId: one.meterId, expiresAt: FAR },
        ],
      },
      {
        externalId: 'added',
        suspended: true,
        devicePermissions: [{ ...id(one), expiresAt: soon }, id(two)],
      },
      // It ends by itself: a line that moves the end about could be sent without end.
      { externalId: 'at hand', ...held(one, soon) },
      { externalId: 'lengthened', ...held(one, soon) },
      { externalId: 'new', suspended: true },
    ];
    const where = isFull ? nearlyFull() : world;
    const answers = await load([...grows, ...ends], tenant.key, where);
    expect(outcomes(answers)).toEqual([...grows.map(() => code), ...ends.map(() => 'changed')]);
    const after = await eventsOf(tenant);
    expect(outcomes(await load([...ends, ...grows], tenant.key, where))).toEqual([
      ...ends.map(() => 'unchanged'),
      ...grows.map(() => code),
    ]);
    expect(await eventsOf(tenant)).toEqual(after);
    // An export is an event, too.
    await setDaily((await usedToday()) + 10);
    const kept = (await dump()).filter(({ externalId }) => externalId.startsWith('shortened'));
    expect(kept.map(({ devicePermissions: [{ expiresAt }] }) => expiresAt)).toEqual([
      ...[soon, soon, soon, FAR],
    ]);
  });
});
