/**
 * Many simultaneous requests about one session, or with one key, make two queries to D1 at most,
 * through all faces.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { introspectByRpc, verifyByRpc } from '../../src/edge/rpc.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { d1Held, LOST, watchD1 } from '../doubles/d1.ts';
import { newProject, newStaff, newStation } from '../rest/company.ts';
import { hush } from '../secrets.ts';
import {
  env,
  grant,
  newDevice,
  newDevices,
  newKey,
  newSession,
  newTenant,
  newUser,
  newWorld,
  type Session,
  type Tenant,
  UNLIMITED,
  type World,
} from '../world.ts';

const MANY = 100;

const world = newWorld();
let tenant: Tenant;
let user: { id: string; identifier: object };
let head: { token: string };
let stationId: string;

beforeAll(async () => {
  tenant = await newTenant(world);
  user = await newUser(world, tenant);
  head = await newStaff(world, tenant, 1);
  const project = await newProject(world, head.token);
  stationId = String((await newStation(world, head.token, project.id)).id);
});

const openSession = () => newSession(world, tenant, user.identifier);

async function endedSession(): Promise<Session> {
  const session = await openSession();
  await world.call(tenant.key, 'removeUserSession', { sessionId: session.id });
  return session;
}

/** A Worker that counts the batches that it puts to D1, and may be told what to do before each. */
function counting(before: () => Promise<unknown> = async () => {}) {
  const d1 = watchD1({ before });
  const uses = {
    get d1() {
      return d1.trips;
    },
  };
  const overrides = { DB: d1.DB, ...UNLIMITED };
  return { uses, overrides, world: newWorld(overrides) };
}

const form = (token: string, more = {}) => ({
  method: 'POST',
  body: new URLSearchParams({ token }),
  ...more,
});

const viewer = (to: World, token: string) =>
  to.send('/graphql', token, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"query":"{ viewer { __typename } }"}',
  });

type Ask = (to: World, token: string, nth: number) => Promise<Response>;

/** Each asks about a session that a token stands for. */
const doors: Record<string, Ask> = {
  '/verify, strict': (to, token) => to.send('/verify?consistency=strict', token),
  'GET /session, strict': (to, token) => to.send('/session?consistency=strict', token),
  'GET /session': (to, token) => to.send('/session', token),
  '/introspect': (to, token) => to.send('/introspect', tenant.key, form(token)),
  '/introspect, strict': (to, token) =>
    to.send('/introspect?consistency=strict', tenant.key, form(token)),
  'DELETE /session': (to, token) => to.send('/session', token, { method: 'DELETE' }),
  '/revoke by itself': (to, token) => to.send('/revoke', token, form(token)),
  '/revoke by a key': (to, token) => to.send('/revoke', tenant.key, form(token)),
  viewer: (to, token) => viewer(to, token),
  'the company API': (to, token) => to.send('/project', token),
};

async function statusesOf(to: World, ask: Ask, token: string): Promise<number[]> {
  const flood = Array.from({ length: MANY }, (_, nth) => ask(to, token, nth));
  return [...new Set((await Promise.all(flood)).map(({ status }) => status))];
}

describe('a hundred at once with a token that has ended', () => {
  it.each(Object.entries(doors))('%s', async (name, ask) => {
    const { accessToken } = await endedSession();
    const { uses, world: counted } = counting();
    const statuses = await statusesOf(counted, ask, accessToken);
    expect(statuses).toEqual([/introspect|by a key/.test(name) ? 200 : 401]);
    // The key, the session twice, and what a copy of it may want.
    expect(uses.d1).toBeLessThanOrEqual(5);
    const before = uses.d1;
    await statusesOf(counted, ask, accessToken);
    expect(uses.d1 - before).toBeLessThanOrEqual(name.includes('by a key') ? 2 : 0);
  });
});

describe('a hundred at once with a token that is good', () => {
  it.each(Object.entries(doors))('%s', async (name, ask) => {
    const { accessToken } = await openSession();
    const { uses, world: counted } = counting();
    const statuses = await statusesOf(counted, ask, accessToken);
    const good = {
      '/verify, strict': [204],
      'DELETE /session': [204, 401],
      '/revoke by itself': [200, 401],
      'the company API': [403],
    };
    const expected = good[name as keyof typeof good] ?? [200];
    expect(expected).toEqual(expect.arrayContaining(statuses));
    // A company's own call reads what it asks for besides: none here does.
    expect(uses.d1).toBeLessThanOrEqual(6);
  });

  it('through all doors', async () => {
    const { accessToken } = await openSession();
    const { uses, world: counted } = counting();
    const reading = Object.entries(doors).filter(([name]) => !/DELETE|revoke/.test(name));
    await statusesOf(
      counted,
      (to, token, nth) => reading[nth % reading.length]?.[1](to, token, nth) as Promise<Response>,
      accessToken,
    );
    expect(uses.d1).toBeLessThanOrEqual(6);
  });

  it('RPC, strict', async () => {
    const { accessToken } = await openSession();
    const { uses, overrides } = counting();
    const app = createApp(newIsolate());
    const context = createExecutionContext();
    const open = () => app.openRpc({ ...env, ...overrides }, context);
    const strict = { consistency: 'strict' };
    const answers = await Promise.all(
      Array.from({ length: MANY }, (_, nth) =>
        nth % 2
          ? verifyByRpc(open(), accessToken, strict)
          : introspectByRpc(open(), accessToken, strict),
      ),
    );
    await waitOnExecutionContext(context);
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['allowed', 'active']));
    expect(uses.d1).toBeLessThanOrEqual(2);
  });

  it('level 1, about stations: the same, or each another', async () => {
    for (const query of [() => stationId, (nth: number) => String(1_000 + nth)]) {
      const { uses, world: counted } = counting();
      const statuses = await statusesOf(
        counted,
        (to, token, nth) => to.send(`/verify?station=${query(nth)}`, token),
        head.token,
      );
      expect(statuses).toEqual([query(0) === stationId ? 204 : 403]);
      expect(uses.d1).toBeLessThanOrEqual(3);
    }
  });

  it('a user with more devices than a record lists, by either id', async () => {
    const rich = await newUser(world, tenant);
    const devices = await newDevices(world, tenant, 450);
    const more = await newDevices(world, tenant, 60);
    await grant(world, tenant, rich.identifier, devices);
    await grant(world, tenant, rich.identifier, more);
    const other = await newDevice(world, tenant);
    const { accessToken } = await newSession(world, tenant, rich.identifier);
    const { uses, world: counted } = counting();
    const [one, last] = [devices[0], more[59]];
    const asked: [string, number][] = [
      [`device=${one?.deviceId}`, 204],
      [`meter=${last?.meterId}`, 204],
      [`device=${last?.deviceId}&permission=CHARGE`, 403],
      [`device=${other.deviceId}`, 403],
      [`meter=${other.meterId}`, 403],
      [`meter=${'9'.repeat(65)}`, 403],
    ];
    const flood = Array.from({ length: MANY }, async (_, nth) => {
      const [query, status] = asked[nth % asked.length] ?? ['', 0];
      return (await counted.send(`/verify?${query}`, accessToken)).status === status;
    });
    expect(await Promise.all(flood)).not.toContain(false);
    expect(uses.d1).toBeLessThanOrEqual(3);
  });
});

describe('a hundred at once with a key', () => {
  it.each([
    ['that is good', async () => (await newKey(world, tenant, ['stations:read'])).secret, 200],
    [
      'that was removed',
      async () => {
        const { id, secret } = await newKey(world, tenant, ['stations:read']);
        await world.call(tenant.key, 'removeApiKey', { id });
        return secret;
      },
      401,
    ],
  ])('%s', async (_, make, status) => {
    const secret = await make();
    const { uses, world: counted } = counting();
    // What it reads beside is refused before it reads: no such scope.
    const statuses = await statusesOf(counted, (to, key) => viewer(to, key), secret);
    expect(statuses).toEqual([status === 200 ? 403 : 401]);
    expect(uses.d1).toBeLessThanOrEqual(2);
  });
});

it('a sign-out of a hundred at once is one change and one event', async () => {
  const { id, accessToken } = await openSession();
  const { world: counted } = counting();
  await statusesOf(counted, doors['DELETE /session'] as Ask, accessToken);
  const events = await env.DB.prepare(
    "SELECT count(*) AS many FROM audit_events WHERE action = 'session.removeOwn' AND actor_id = ?",
  )
    .bind(id)
    .first('many');
  expect(events).toBe(1);
  expect((await newWorld().send('/verify?consistency=strict', accessToken)).status).toBe(401);
});

describe('a question that is under way', () => {
  /** A Worker whose first batch has read what it reads, and gives it when it is told to. */
  function slow() {
    const { DB, release, reached } = d1Held(1, 'after');
    return { world: newWorld({ DB }), release, hasRead: reached };
  }

  it.each(Object.entries(doors).filter(([name]) => /verify|GET.*strict|viewer|company/.test(name)))(
    '%s: does not answer who comes after a change that it has not seen',
    async (_, ask) => {
      const { id, accessToken } = await openSession();
      const { world: slowly, release, hasRead } = slow();
      const first = ask(slowly, accessToken, 0);
      await hasRead;
      await newWorld().call(tenant.key, 'removeUserSession', { sessionId: id });
      const second = ask(slowly, accessToken, 1);
      await scheduler.wait(20);
      release();
      expect([(await first).status, (await second).status]).toEqual([
        expect.not.stringMatching('401'),
        401,
      ]);
    },
  );

  it('does not revive a token that ended meanwhile in this very isolate', async () => {
    const { id, accessToken } = await openSession();
    const { world: slowly, release, hasRead } = slow();
    const first = slowly.send('/verify?consistency=strict', accessToken);
    await hasRead;
    await slowly.call(tenant.key, 'removeUserSession', { sessionId: id });
    release();
    await first;
    expect((await slowly.send('/verify', accessToken)).status).toBe(401);
  });

  it('answers those who wait with its own failure, and the next comer anew', async () => {
    hush('error');
    const { accessToken } = await openSession();
    let away = true;
    const d1 = watchD1({
      async before() {
        await scheduler.wait(20);
        if (away) throw new Error(LOST);
      },
    });
    const failing = newWorld({ DB: d1.DB });
    for (const ask of [doors['/verify, strict'], doors.viewer] as Ask[]) {
      away = true;
      d1.trips = 0;
      expect(await statusesOf(failing, ask, accessToken)).toEqual([503]);
      expect(d1.trips).toBe(1);
      away = false;
      expect((await ask(failing, accessToken, 0)).ok).toBe(true);
    }
  });

  it('whose request is gone stands in nobody’s way for long', async () => {
    const { accessToken } = await openSession();
    const d1 = d1Held(1, 'before');
    const lost = newWorld({ DB: d1.DB });
    // Its timers are gone with it.
    const timers = vi.spyOn(globalThis, 'setTimeout').mockImplementation((() => 0) as never);
    const gone = lost.send('/verify?consistency=strict', accessToken);
    await d1.reached;
    timers.mockRestore();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 4_000 });
    expect((await lost.send('/verify?consistency=strict', accessToken)).status).toBe(204);
    vi.useRealTimers();
    hush('error');
    d1.fail(new Error('D1_ERROR: the test is over'));
    await gone;
  });
});
