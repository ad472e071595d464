/** Answers of the token checks when stores fail, and the cost of garbage. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { introspectByRpc, verifyByRpc } from '../../src/edge/rpc.ts';
import type { Env } from '../../src/front/settings.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { counted } from '../doubles/counted.ts';
import { D1_AWAY, D1_READ_ONLY, d1Failing, LOST, never, watchD1 } from '../doubles/d1.ts';
import { KV_AWAY } from '../doubles/kv.ts';
import { hush } from '../secrets.ts';
import { shortenPatience, skipPauses } from '../time.ts';
import {
  env,
  grant,
  type Json,
  newDevice,
  newSession,
  newTenant,
  newUser,
  newWorld,
  randomSecret,
  type Session,
  type Tenant,
  twinOf,
  type World,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let user: { id: string; identifier: object };

beforeAll(async () => {
  tenant = await newTenant(world);
  user = await newUser(world, tenant);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const openSession = () => newSession(world, tenant, user.identifier);

/** As if it had been renewed that long ago and not since, in D1 and in its copy. */
async function age({ id }: Session, days: number): Promise<void> {
  const renewedAt = Date.now() - days * 86_400_000;
  const renewAfter = renewedAt + 22 * 3_600_000;
  await env.DB.prepare('UPDATE sessions SET renewed_at = ?, renew_after = ? WHERE id = ?')
    .bind(renewedAt, renewAfter, id)
    .run();
  const copy = await env.SESSIONS.get<object>(`ses:${id}`, 'json');
  await env.SESSIONS.put(`ses:${id}`, JSON.stringify({ ...copy, renewedAt, renewAfter }));
}

interface Asked {
  name: string;
  ask(world: World, token: string, strict?: boolean): Promise<Response>;
}

const form = (token: string) => ({ method: 'POST', body: new URLSearchParams({ token }) });

const faces: Asked[] = [
  {
    name: '/verify',
    ask: (to, token, strict) => to.send(`/verify${strict ? '?consistency=strict' : ''}`, token),
  },
  {
    name: '/session',
    ask: (to, token, strict) => to.send(`/session${strict ? '?consistency=strict' : ''}`, token),
  },
];

describe.each(faces)('$name', ({ ask }) => {
  it(
    'with D1 away: good from a copy, marked past the copy’s time, 503 with Retry-After beyond ' +
      'it',
    async () => {
      const warned = hush('warn');
      hush('error');
      const session = await openSession();
      const answers: unknown[] = [];
      for (const days of [0, 1.5, 2.1]) {
        await age(session, days);
        const response = await ask(newWorld({ DB: D1_AWAY }), session.accessToken);
        answers.push([response.ok, response.headers.get('X-Latchkey-Degraded')]);
        if (response.headers.has('X-Latchkey-Degraded')) {
          expect(warned).toHaveBeenCalledWith({
            requestId: response.headers.get('X-Request-Id'),
            degraded: 'unconfirmed',
          });
        }
        if (!response.ok) {
          expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '5']);
          expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
          expect(response.headers.get('X-Request-Id')).not.toBeNull();
        }
      }
      expect(answers).toEqual([
        [true, null],
        [true, 'unconfirmed'],
        [false, null],
      ]);
      expect(warned).toHaveBeenCalledTimes(1);
    },
  );

  it('with D1 away: strict, or a copy that is missing, is 503', async () => {
    hush('error');
    const { id, accessToken } = await openSession();
    expect((await ask(newWorld({ DB: D1_AWAY }), accessToken, true)).status).toBe(503);
    await env.SESSIONS.delete(`ses:${id}`);
    expect((await ask(newWorld({ DB: D1_AWAY }), accessToken)).status).toBe(503);
  });

  it('with KV away: D1 answers, unmarked; with both away 503', async () => {
    hush('error');
    const { accessToken } = await openSession();
    const response = await ask(newWorld({ SESSIONS: KV_AWAY }), accessToken);
    expect(response.ok).toBe(true);
    expect(response.headers.has('X-Latchkey-Degraded')).toBe(false);
    const neither = newWorld({ SESSIONS: KV_AWAY, DB: D1_AWAY });
    expect((await ask(neither, accessToken)).status).toBe(503);
  });
});

describe('RPC', () => {
  const open = (overrides: Partial<Env>) =>
    createApp(newIsolate()).openRpc({ ...env, ...overrides }, { waitUntil() {} });

  it('marks an answer that may be stale, and is unavailable where there is none', async () => {
    hush('warn');
    hush('error');
    const session = await openSession();
    const { accessToken } = session;
    const unavailable = { kind: 'unavailable', retryAfter: 5 };
    const strict = { consistency: 'strict' };
    expect(await verifyByRpc(open({ DB: D1_AWAY }), accessToken, strict)).toEqual(unavailable);
    expect(await introspectByRpc(open({ DB: D1_AWAY }), accessToken, strict)).toEqual(unavailable);
    await age(session, 1.5);
    expect(await verifyByRpc(open({ DB: D1_AWAY }), accessToken, {})).toMatchObject({
      kind: 'allowed',
      degraded: 'unconfirmed',
    });
    expect(await introspectByRpc(open({ DB: D1_AWAY }), accessToken, {})).toMatchObject({
      kind: 'active',
      degraded: 'unconfirmed',
    });
  });

  it('is unavailable if the Worker’s secrets are not fit, and only the log says why', async () => {
    const logged = hush('error');
    const response = await newWorld({ TOKEN_SECRETS: 'short' }).send('/verify', 'x');
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('TOKEN_SECRETS');
    expect(await verifyByRpc(open({ TOKEN_SECRETS: 'short' }), 'x', {})).toEqual({
      kind: 'unavailable',
      retryAfter: 5,
    });
    const reasons = logged.mock.calls.map(([{ error, cause }]) => String(error ?? cause));
    expect(reasons).toEqual([
      expect.stringContaining('TOKEN_SECRETS'),
      expect.stringContaining('TOKEN_SECRETS'),
    ]);
  });
});

/** A Worker that counts what it asks of its stores. */
function counting() {
  const d1 = watchD1();
  const uses = {
    kv: 0,
    get d1() {
      return d1.trips;
    },
  };
  const SESSIONS = counted(env.SESSIONS, () => uses.kv++);
  const overrides = { DB: d1.DB, SESSIONS };
  return { uses, overrides, world: newWorld(overrides) };
}

describe('garbage', () => {
  it('is free: a token that was not issued here never costs a call to KV or D1', async () => {
    const { accessToken } = await openSession();
    const { uses, overrides, world: counted } = counting();
    const elsewhere = newWorld({ TOKEN_SECRETS: randomSecret() });
    const dropped = await newSession(
      elsewhere,
      await newTenant(elsewhere),
      (await newUser(elsewhere, await newTenant(elsewhere))).identifier,
    ).catch(() => null);
    expect(dropped).toBeNull();
    const foreign = await newTenant(elsewhere);
    const garbage = [
      ...Array.from({ length: 200 }, (_, n) => {
        const id = String(n).padStart(16, 'A');
        return `lk_ses_${id}${'S'.repeat(24)}${'0123456789abcdef0123'}`;
      }),
      accessToken.slice(0, -1),
      `${accessToken}0`,
      accessToken.toUpperCase(),
      accessToken.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      accessToken.replace('ses', 'key'),
      foreign.key,
      (await newSession(elsewhere, foreign, (await newUser(elsewhere, foreign)).identifier))
        .accessToken,
      'x'.repeat(60_000),
    ];
    for (const token of garbage) {
      for (const path of [
        '/verify',
        `/verify/${tenant.id}?consistency=strict`,
        '/session?consistency=strict',
      ]) {
        expect((await counted.send(path, token)).status).toBe(401);
      }
      expect((await counted.send('/introspect', token, form(token))).status).toBe(401);
      expect((await counted.send('/revoke', token, form(token))).status).toBe(401);
      expect((await counted.send('/session', token, { method: 'DELETE' })).status).toBe(401);
      expect((await counted.graphql(token, '{ viewer { user { id } } }')).status).toBe(401);
      const rpc = createApp(newIsolate()).openRpc({ ...env, ...overrides }, { waitUntil() {} });
      expect((await verifyByRpc(rpc, token, { consistency: 'strict' })).kind).toBe('unknown');
    }
    expect(uses).toEqual({ kv: 0, d1: 0 });
  });

  it(
    'that was once good costs one question to D1 in ninety seconds for each isolate, however ' +
      'it floods in',
    async () => {
      const { id, accessToken } = await openSession();
      await world.call(tenant.key, 'removeUserSession', { sessionId: id });
      const { uses, world: counted } = counting();
      const flood = Array.from({ length: 100 }, () => counted.send('/verify', accessToken));
      const statuses = new Set((await Promise.all(flood)).map(({ status }) => status));
      expect([...statuses]).toEqual([401]);
      for (let n = 0; n < 100; n++) await counted.send('/verify', accessToken);
      // One to answer; publishing then deletes what KV may hold, and looks once more.
      expect(uses.d1).toBeLessThanOrEqual(3);
    },
  );

  it('with the id of a good one never reaches D1 once the good one’s copy is known', async () => {
    const { accessToken } = await openSession();
    const { uses, world: counted } = counting();
    const twin = twinOf(accessToken);
    for (let n = 0; n < 20; n++) expect((await counted.send('/verify', twin)).status).toBe(401);
    expect(uses).toEqual({ kv: 1, d1: 0 });
    expect((await counted.send('/verify', accessToken)).status).toBe(204);
  });
});

it('a revocation is felt though D1 fails right after it: at once where it was made, and ' +
  'elsewhere by KV', async () => {
  hush('error');
  const { id, accessToken } = await openSession();
  const failing = newWorld({ DB: d1Failing(({ nth }) => nth > 2) });
  skipPauses();
  // The key, then the revocation; all that follows fails.
  expect((await failing.send('/revoke', tenant.key, form(accessToken))).status).toBe(200);
  expect((await failing.send('/verify', accessToken)).status).toBe(401);
  expect(await env.SESSIONS.get(`ses:${id}`)).toBeNull();
}, 20_000);

it('a withdrawn permission reaches the copies even if D1 fails right after it', async () => {
  const device = await newDevice(world, tenant);
  const someone = await newUser(world, tenant);
  await grant(world, tenant, someone.identifier, [device]);
  const { id } = await newSession(world, tenant, someone.identifier);
  let batches = 0;
  const failing = newWorld({
    DB: d1Failing(({ nth }) => {
      batches = nth;
      return nth === 3 || nth === 5;
    }),
  });
  skipPauses();
  await failing.call(tenant.key, 'removeDevicePermissions', {
    userIdentifier: someone.identifier,
    deviceIdentifiers: [{ deviceId: device.deviceId }],
  });
  expect(batches).toBeGreaterThan(5);
  expect(await env.SESSIONS.get(`ses:${id}`, 'json')).toMatchObject({ grants: [] });
}, 20_000);

describe('a hundred at once, with D1', () => {
  /** What a burst of checks is answered, and how often D1 was asked. */
  async function burst(session: Session, before: () => unknown, query = '') {
    hush('error');
    hush('warn');
    shortenPatience();
    const d1 = watchD1({ before });
    const failing = newWorld({ DB: d1.DB });
    const flood = Array.from({ length: 100 }, () =>
      failing.send(`/verify${query}`, session.accessToken),
    );
    const answers = (await Promise.all(flood)).map(
      ({ status, headers }) => `${status} ${headers.get('X-Latchkey-Degraded') ?? ''}`,
    );
    return { answers: [...new Set(answers)], asked: d1.trips };
  }
  const away = () => Promise.reject(new Error(LOST));

  it.each([
    ['away', away],
    ['hung', never],
  ])('%s: denies ask it once', async (_, before) => {
    const session = await openSession();
    expect(await burst(session, before, '?device=Nothere1')).toEqual({
      answers: ['403 unconfirmed'],
      asked: 1,
    });
  });

  it.each([
    ['away', away],
    ['hung', never],
  ])(
    '%s: checks past a copy’s time ask it no more than to renew and to read',
    async (_, before) => {
      const session = await openSession();
      await age(session, 1.5);
      const { answers, asked } = await burst(session, before);
      expect(answers).toEqual(['204 unconfirmed']);
      // The renewal that the activity calls for is tried once more behind the answer.
      expect(asked).toBeLessThanOrEqual(3);
    },
    20_000,
  );

  it('away: a token without a copy asks it once, and is 503', async () => {
    const session = await openSession();
    await env.SESSIONS.delete(`ses:${session.id}`);
    expect(await burst(session, away)).toEqual({ answers: ['503 '], asked: 1 });
  });
});

it('a hundred checks that D1 cannot renew are marked, each', async () => {
  hush('error');
  hush('warn');
  const session = await openSession();
  await age(session, 1.5);
  const readonly = newWorld({ DB: D1_READ_ONLY });
  const flood = Array.from({ length: 100 }, () => readonly.send('/verify', session.accessToken));
  const marks = (await Promise.all(flood)).map(({ headers }) => headers.get('X-Latchkey-Degraded'));
  expect([...new Set(marks)]).toEqual(['unrenewed']);
});

it('a grant just made is seen by all who ask at once in an isolate that knew better', async () => {
  const device = await newDevice(world, tenant);
  const someone = await newUser(world, tenant);
  const isolate = newWorld();
  const { accessToken } = await newSession(isolate, tenant, someone.identifier);
  await env.DB.prepare(
    'INSERT INTO permissions (user_id, device_id, permission, change_id) VALUES (?, ?, ' +
      "'VIEW', 'x')",
  )
    .bind(Number(someone.id), device.deviceId)
    .run();
  const flood = Array.from({ length: 20 }, () =>
    isolate.send(`/verify?device=${device.deviceId}`, accessToken),
  );
  expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([204]));
});

it('a token that has ended is not asked about again by strict', async () => {
  const { id, accessToken } = await openSession();
  await world.call(tenant.key, 'removeUserSession', { sessionId: id });
  const { uses, world: counted } = counting();
  for (let n = 0; n < 20; n++) {
    expect((await counted.send('/verify?consistency=strict', accessToken)).status).toBe(401);
  }
  expect(uses.d1).toBeLessThanOrEqual(3);
});

it('a flood of denied questions asks D1 once in five seconds for each isolate', async () => {
  const { accessToken } = await openSession();
  const { uses, world: counted } = counting();
  const flood = Array.from({ length: 100 }, (_, n) =>
    counted.send(`/verify?device=Nothere${n % 10}`, accessToken),
  );
  const statuses = new Set((await Promise.all(flood)).map(({ status }) => status));
  expect([...statuses]).toEqual([403]);
  for (let n = 0; n < 100; n++) await counted.send('/verify?device=Nothere1', accessToken);
  expect(uses.d1).toBe(1);
});

it('a key that an isolate remembers goes on introspecting with D1 away', async () => {
  hush('error');
  const { accessToken } = await openSession();
  let away = false;
  const sometimes = newWorld({ DB: d1Failing(() => away) });
  await sometimes.send('/introspect', tenant.key, form(accessToken));
  away = true;
  const another = await openSession();
  const response = await sometimes.send('/introspect', tenant.key, form(another.accessToken));
  expect((await response.json()) as Json).toMatchObject({ active: true });
});
