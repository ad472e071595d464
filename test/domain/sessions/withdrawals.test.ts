/**
 * Withdrawals of any size: no invocation exceeds its limits, and no copy keeps what was withdrawn.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { renewal } from '../../../src/domain/sessions/sliding-expiry.ts';
import type { Env } from '../../../src/front/settings.ts';
import { createApp, newIsolate } from '../../../src/index.ts';
import { plantCrowd } from '../../crowd.ts';
import { counted } from '../../doubles/counted.ts';
import { unlimited } from '../../doubles/limits.ts';
import { newQueue } from '../../doubles/queue.ts';
import { hush } from '../../secrets.ts';
import {
  type Device,
  env,
  grant,
  newDevice,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  type Tenant,
} from '../../world.ts';

/** What the platform grants one invocation. */
const OPERATIONS = 1_000;

const world = newWorld();

interface Crowd {
  tenant: Tenant;
  device: Device;
  tokens: { id: string; token: string }[];
}

/** Of so many sessions one has a copy from the start. */
const PLANTED = 10;

/** People with many sessions each, who may all view one device, as copies say. */
async function newCrowd(people: number, sessionsEach: number): Promise<Crowd> {
  const tenant = await newTenant(world);
  const device = await newDevice(world, tenant);
  const now = Date.now();
  const { renewedAt, renewAfter, expiresAt } = renewal(now);
  const { first, sessions } = await plantCrowd(tenant, device, people, sessionsEach, now);
  const copy = (id: string, hash: string, at: number) =>
    JSON.stringify({
      ...{ id, tenantId: Number(tenant.id), userId: first + (at % people) },
      ...{ externalId: `resident ${at % people}`, email: null, hash, createdAt: now },
      ...{ renewedAt, renewAfter, expiresAt },
      ...{ grants: [[device.deviceId, device.meterId, 'VIEW', null]], stations: [] },
    });
  await Promise.all(
    sessions.map(({ id, hash }, at) =>
      at % PLANTED === 0 ? env.SESSIONS.put(`ses:${id}`, copy(id, hash, at)) : undefined,
    ),
  );
  return { tenant, device, tokens: sessions };
}

/** Copies that say something of the device, among all of the crowd. */
async function giving({ device, tokens }: Crowd): Promise<number> {
  let many = 0;
  for (let at = 0; at < tokens.length; at += 100) {
    const keys = tokens.slice(at, at + 100).map(({ id }) => `ses:${id}`);
    for (const copy of (await env.SESSIONS.get(keys)).values()) {
      if (copy?.includes(device.deviceId)) many++;
    }
  }
  return many;
}

const pending = () => env.DB.prepare('SELECT count(*) AS n FROM withdrawals').first<number>('n');

/** A Worker whose invocations are counted, and whose nudges wait. */
function newWorker(overrides: Partial<Env> = {}) {
  const queue = newQueue();
  const app = createApp(newIsolate());
  const used: number[] = [];
  const count = () => {
    const operations = (used.pop() ?? 0) + 1;
    used.push(operations);
    if (operations > OPERATIONS) {
      throw new Error('Too many API requests by single Worker invocation.');
    }
  };
  const bindings = {
    ...{ ...env, CALLS: unlimited, REFUSALS: unlimited },
    ...{ SESSIONS: counted(env.SESSIONS, count), WORK: queue.binding },
    ...overrides,
  };
  const invoke = async (act: (context: ExecutionContext) => unknown) => {
    used.push(0);
    const context = createExecutionContext();
    await act(context);
    await waitOnExecutionContext(context);
  };
  return {
    queue,
    used,
    async call(credential: string, query: string, input: object) {
      const headers = {
        ...{ 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` },
      };
      const body = JSON.stringify({ query, variables: { input } });
      const request = new Request('http://latchkey.test/graphql', {
        ...{ method: 'POST', headers, body },
      });
      await invoke(async (context) => {
        const answer = await (await app.fetch(request, bindings, context)).text();
        expect(answer).toContain('"success":true');
      });
    },
    sweep: () => invoke((context) => app.sweep(bindings, context)),
    drain: () => queue.drain(app, bindings, () => used.push(0)),
  };
}

const MOVING =
  'mutation ($input: RemoveAllDevicePermissionsInput!) { removeAllDevicePermissions(input: ' +
  '$input) { success } }';
const REMOVAL =
  'mutation ($input: RemoveIntermediaryInput!) { removeIntermediary(input: $input) { success } }';

describe('many users with many sessions each', () => {
  it('lose a device: no invocation exceeds its limits, and no copy has it afterwards', async () => {
    const crowd = await newCrowd(60, 25);
    const { call, queue, drain, used } = newWorker();
    const { deviceId } = crowd.device;
    expect(await giving(crowd)).toBe(150);
    await call(crowd.tenant.key, MOVING, { deviceIdentifier: { deviceId } });
    // Eight rows, of which this invocation did some.
    expect(queue.nudges.length).toBeGreaterThan(2);
    expect(queue.nudges.length).toBeLessThan(8);
    await drain();
    expect(await giving(crowd)).toBe(0);
    expect(await pending()).toBe(0);
    expect(Math.max(...used)).toBeLessThanOrEqual(OPERATIONS);
    const elsewhere = newWorld();
    for (const { token } of [crowd.tokens[0], crowd.tokens[800], crowd.tokens[1_490]].flatMap(
      (one) => one ?? [],
    )) {
      const path = `/verify/${crowd.tenant.id}?device=${deviceId}`;
      expect((await elsewhere.send(path, token)).status).toBe(403);
    }
  }, 60_000);

  it('lose their company: the same, though most of them are yet to be erased', async () => {
    const crowd = await newCrowd(240, 5);
    const { call, drain, used } = newWorker();
    await call(operator, REMOVAL, { id: crowd.tenant.id });
    await drain();
    expect(await giving(crowd)).toBe(0);
    expect(await pending()).toBe(0);
    expect(Math.max(...used)).toBeLessThanOrEqual(OPERATIONS);
  }, 60_000);

  it('are found by sweeps alone, where no queue takes a nudge', async () => {
    hush('warn');
    const crowd = await newCrowd(40, 25);
    const refuse = () => Promise.reject(new Error('The queue is away.'));
    const worker = newWorker({ WORK: { sendBatch: refuse } as never });
    const { deviceId } = crowd.device;
    await worker.call(crowd.tenant.key, MOVING, { deviceIdentifier: { deviceId } });
    expect(await giving(crowd)).toBeGreaterThan(0);
    await worker.sweep();
    expect(await giving(crowd)).toBe(0);
    expect(await pending()).toBe(0);
    expect(Math.max(...worker.used)).toBeLessThanOrEqual(OPERATIONS);
  }, 60_000);
});

describe('a nudge', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('that is doubled, late, of nobody or of another version does no harm', async () => {
    const crowd = await newCrowd(41, 10);
    const { call, queue, drain } = newWorker({
      SESSIONS: { ...env.SESSIONS, put: () => Promise.reject(new Error('429')) } as never,
    });
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.stubGlobal('scheduler', { wait: () => Promise.resolve() });
    const { deviceId } = crowd.device;
    await call(crowd.tenant.key, MOVING, { deviceIdentifier: { deviceId } });
    vi.unstubAllGlobals();
    const nudges = queue.nudges;
    expect(nudges.length).toBe(3);
    const { drain: deliver, queue: other } = newWorker();
    await other.binding.sendBatch(
      [
        ...nudges,
        ...nudges,
        { kind: 'withdrawal', tenantId: 7, id: 'nothing' } as const,
        { kind: 'constructor', tenantId: 7, id: 'nothing' } as never,
      ].map((body) => ({ body })),
    );
    await deliver();
    expect(await giving(crowd)).toBe(0);
    expect(await pending()).toBe(0);
    // They come once more when all is done.
    vi.spyOn(console, 'error').mockImplementation(() => {});
    await drain();
    expect(await giving(crowd)).toBe(0);
  }, 60_000);
});

describe('a row', () => {
  let tenant: Tenant;
  let device: Device;
  beforeAll(async () => {
    tenant = await newTenant(world);
    device = await newDevice(world, tenant);
  });

  /** Rows that are written while a Worker acts that cannot publish. */
  async function rowsOf(act: (worker: ReturnType<typeof newWorker>) => Promise<unknown>) {
    await env.DB.prepare('DELETE FROM withdrawals').run();
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.stubGlobal('scheduler', { wait: () => Promise.resolve() });
    const refuse = () => Promise.reject(new Error('KV PUT failed: 429 Too Many Requests'));
    await act(newWorker({ SESSIONS: { put: refuse, delete: refuse } as never }));
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    const { results } = await env.DB.prepare('SELECT cause, sessions FROM withdrawals').all<{
      cause: string;
      sessions: string;
    }>();
    await env.DB.prepare('DELETE FROM withdrawals').run();
    return results.map(({ cause, sessions }) => [cause, JSON.parse(sessions).length]);
  }

  const GRANT =
    'mutation ($input: AddDevicePermissionsInput!) { addDevicePermissions(input: $input) { ' +
    'success } }';
  const OPEN =
    'mutation ($input: AddUserSessionInput!) { addUserSession(input: $input) { success } }';
  const ENSURE =
    'mutation ($input: EnsureUserAccessInput!) { ensureUserAccess(input: $input) { success } }';

  it('is written by none of what grants, opens and renews', async () => {
    const user = await newUser(world, tenant);
    await newSession(world, tenant, user.identifier);
    const wanted = {
      userIdentifier: user.identifier,
      deviceIdentifiers: [{ deviceId: device.deviceId }],
    };
    for (const [query, input] of [
      [GRANT, { ...wanted, expiresAt: '2100-01-01T00:00:00Z' }],
      [GRANT, { ...wanted, expiresAt: '2101-01-01T00:00:00Z' }],
      [GRANT, { ...wanted, expiresAt: null }],
      [OPEN, { userIdentifier: user.identifier }],
      [ENSURE, wanted],
    ] as const) {
      expect(await rowsOf(({ call }) => call(tenant.key, query, input))).toEqual([]);
    }
    // An end that is moved earlier takes something away.
    const shorter = { ...wanted, expiresAt: '2099-01-01T00:00:00Z' };
    expect(await rowsOf(({ call }) => call(tenant.key, GRANT, shorter))).toEqual([['user', 3]]);
    expect(await rowsOf(({ call }) => call(tenant.key, GRANT, shorter))).toEqual([]);
  });

  it('lists the sessions that one more than fifty ends', async () => {
    const user = await newUser(world, tenant);
    const input = { userIdentifier: user.identifier };
    for (let n = 0; n < 50; n++) await newSession(world, tenant, user.identifier);
    expect(await rowsOf(({ call }) => call(tenant.key, OPEN, input))).toEqual([['session', 1]]);
  });

  it('is written for nobody who has no session', async () => {
    const user = await newUser(world, tenant);
    const held = await newDevice(world, tenant);
    await grant(world, tenant, user.identifier, [held]);
    const input = { deviceIdentifier: { deviceId: held.deviceId } };
    expect(await rowsOf(({ call }) => call(tenant.key, MOVING, input))).toEqual([]);
  });
});
