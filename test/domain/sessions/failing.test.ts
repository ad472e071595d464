/** Failing stores: the answers, how soon they come, and the recovery afterwards. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DAY } from '../../../src/base/time.ts';
import { shortenPatience, skipPauses } from '../../time.ts';
import {
  type Device,
  env,
  grant,
  newDevice,
  newSession,
  newTenant,
  newUser,
  newWorld,
  type Session,
  type Tenant,
  twinOf,
} from '../../world.ts';
import { type Faults, newProbe } from './isolate.ts';

const HOUR = 3_600_000;

const world = newWorld();
let tenant: Tenant;
let device: Device;

beforeAll(async () => {
  tenant = await newTenant(world);
  device = await newDevice(world, tenant);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

async function opened(): Promise<Session> {
  const user = await newUser(world, tenant);
  await grant(world, tenant, user.identifier, [device]);
  return newSession(world, tenant, user.identifier);
}

const dropCopy = ({ id }: Session) => env.SESSIONS.delete(`ses:${id}`);
const view = () => ({ question: { deviceId: device.deviceId, permission: 'VIEW' as const } });
const charge = () => ({ question: { deviceId: device.deviceId, permission: 'CHARGE' as const } });
const unavailable = { code: 'UNAVAILABLE' };

describe('KV', () => {
  it('that throws: D1 answers, and the answer is the truth', async () => {
    const { accessToken } = await opened();
    const checked = await newProbe({ kvGet: 'away' }).check(accessToken, view());
    expect(checked).toMatchObject({ kind: 'allowed', uses: { kv: 1, d1: 1 } });
    expect(checked.degraded).toBeUndefined();
  });

  it('that hangs: given up on after half a second, in favour of D1', async () => {
    const { accessToken } = await opened();
    const probe = newProbe({ kvGet: 'hung' });
    const pauses = vi.spyOn(scheduler, 'wait');
    const checked = await probe.check(accessToken, view());
    const waited = pauses.mock.calls.reduce((sum, [ms]) => sum + ms, 0);
    pauses.mockRestore();
    expect(checked).toMatchObject({ kind: 'allowed', uses: { kv: 1, d1: 1 } });
    expect([waited, checked.took > 450]).toEqual([600, true]);
    // What D1 said is remembered: the next check waits for nobody.
    expect(await probe.check(accessToken, view())).toMatchObject({ uses: { kv: 0, d1: 0 } });
  });

  it('that is slow, with D1 away: its copy is waited for', async () => {
    const { accessToken } = await opened();
    const { promise, resolve } = Promise.withResolvers<void>();
    const probe = newProbe({ kvGet: promise, d1: 'away' });
    const slow = probe.check(accessToken, view());
    await probe.asked('d1');
    resolve();
    const checked = await slow;
    expect(checked).toMatchObject({ kind: 'allowed', uses: { kv: 1, d1: 1 } });
    expect(checked.degraded).toBeUndefined();
    expect(await probe.check(accessToken, view())).toMatchObject({ uses: { kv: 0, d1: 0 } });
  });

  it('that holds garbage, or what an older version wrote: D1 answers and heals it', async () => {
    for (const kvCopy of ['{', '{}', '[]', '{"id":1}', 'null', '"x"']) {
      const session = await opened();
      await env.SESSIONS.put(`ses:${session.id}`, kvCopy);
      expect(await newProbe({ kvCopy }).check(session.accessToken, view())).toMatchObject({
        kind: 'allowed',
        uses: { kv: 1, d1: 1 },
      });
      expect(await newProbe().check(session.accessToken, view())).toMatchObject({
        kind: 'allowed',
        uses: { kv: 1, d1: 0 },
      });
    }
  });

  it('that is well: no check starts a timer of its own', async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, opened));
    const { check } = newProbe();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const waits = vi.spyOn(scheduler, 'wait');
    const checks = await Promise.all(sessions.map(({ accessToken }) => check(accessToken)));
    expect(new Set(checks.map(({ kind }) => kind))).toEqual(new Set(['allowed']));
    expect([timers.mock.calls.length, waits.mock.calls.length < 5]).toEqual([0, true]);
    vi.restoreAllMocks();
  });

  it('that hangs for some requests and answers others: those that hang are given up', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const probe = newProbe({ kvGet: promise });
    const [one, other] = [await opened(), await opened()];
    const answered = probe.check(one.accessToken);
    await probe.asked('kv');
    probe.faults.kvGet = 'hung';
    const hung = probe.check(other.accessToken, view());
    resolve();
    expect(await answered).toMatchObject({ kind: 'allowed', uses: { d1: 0 } });
    expect(await hung).toMatchObject({ kind: 'allowed', uses: { d1: 1 } });
  });

  it('that gives another session’s record: D1 answers, and that one is not touched', async () => {
    const [session, other] = [await opened(), await opened()];
    const kvCopy = (await env.SESSIONS.get(`ses:${other.id}`)) ?? '';
    const probe = newProbe({ kvCopy });
    expect(await probe.check(session.accessToken)).toMatchObject({
      kind: 'allowed',
      uses: { kv: 1, d1: 1 },
    });
    expect(await probe.check(other.accessToken)).toMatchObject({ uses: { kv: 1, d1: 0 } });
  });

  it('that holds a record with any part of the wrong kind: D1 answers', async () => {
    const { id, accessToken } = await opened();
    const good = JSON.parse((await env.SESSIONS.get(`ses:${id}`)) ?? '');
    const { deviceId } = device;
    const broken = [
      ...Object.keys(good)
        .filter((part) => !['grants', 'stations'].includes(part))
        .map((part) => ({ ...good, [part]: [] })),
      ...Object.keys(good).map((part) => ({ ...good, [part]: undefined })),
      // Nothing could be said of these.
      { ...good, expiresAt: 8.64e15 + 1 },
      { ...good, externalId: '\ud800' },
      ...[['x'], [[]], [[deviceId, 1, 'VIEW', null]], [[deviceId, null, 'VIEW', 'x']], {}].map(
        (grants) => ({ ...good, grants }),
      ),
      ...[['x'], [null], [[]], {}, 'x'].map((stations) => ({ ...good, stations })),
    ];
    for (const copy of broken) {
      const probe = newProbe({ kvCopy: JSON.stringify(copy) });
      expect(await probe.check(accessToken, view())).toMatchObject({
        kind: 'allowed',
        uses: { kv: 1, d1: 1 },
      });
    }
  });

  it('that goes on giving a revoked session: for 24 hours and not a millisecond more', async () => {
    const { id, accessToken } = await opened();
    const kvCopy = (await env.SESSIONS.get(`ses:${id}`)) ?? '';
    const { renewedAt } = JSON.parse(kvCopy);
    await env.DB.prepare('UPDATE sessions SET revoked_at = 1, label = NULL WHERE id = ?')
      .bind(id)
      .run();
    const at = async (time: number) =>
      (await newProbe({ kvCopy }).check(accessToken, {}, time)).kind;
    expect(await at(renewedAt + 21 * HOUR)).toBe('allowed');
    expect(await at(renewedAt + DAY)).toBe('unknown');
  });

  it('that refuses to write: the check succeeds, and a later one mends the copy', async () => {
    const session = await opened();
    await dropCopy(session);
    skipPauses();
    const probe = newProbe({ kvPut: 'refused' });
    expect(await probe.check(session.accessToken, view())).toMatchObject({
      kind: 'allowed',
      uses: { puts: 0, d1: 1 },
    });
    expect(await env.SESSIONS.get(`ses:${session.id}`)).toBeNull();
    await newProbe().check(session.accessToken);
    expect(await env.SESSIONS.get(`ses:${session.id}`)).not.toBeNull();
  });
});

describe('D1', () => {
  it.each(['away', 'hung', 'readonly'] as const)(
    '%s: a copy in its time answers, with and without a question, unmarked and unasked',
    async (d1) => {
      const { accessToken } = await opened();
      const probe = newProbe({ d1 });
      for (const options of [{}, view()]) {
        const checked = await probe.check(accessToken, options);
        expect(checked).toMatchObject({ kind: 'allowed', uses: { d1: 0 } });
        expect(checked.degraded).toBeUndefined();
      }
    },
  );

  it('away: an overdue copy is trusted for 24 hours more, and the answer marked', async () => {
    const { accessToken } = await opened();
    const now = Date.now();
    const at = (time: number) => newProbe({ d1: 'away' }).check(accessToken, view(), time);
    expect(await at(now + 1.5 * DAY)).toMatchObject({ kind: 'allowed', degraded: 'unconfirmed' });
    await expect(at(now + 2.1 * DAY)).rejects.toMatchObject(unavailable);
    await expect(at(now + 30 * DAY)).rejects.toMatchObject(unavailable);
  });

  it('away: asked about a doubtful session once in five seconds, each answer marked', async () => {
    const { accessToken } = await opened();
    const probe = newProbe({ d1: 'away' });
    const now = Date.now() + 1.5 * DAY;
    expect((await probe.check(accessToken, {}, now)).uses.d1).toBeGreaterThan(0);
    expect(await probe.check(accessToken, {}, now + 4_000)).toMatchObject({
      kind: 'allowed',
      degraded: 'unconfirmed',
      uses: { d1: 0 },
    });
    expect((await probe.check(accessToken, {}, now + 6_000)).uses.d1).toBeGreaterThan(0);
  });

  it('away: a token that is refused for its tenant is not marked, warm or cold', async () => {
    const session = await opened();
    const { check } = newProbe({ d1: 'away' });
    const now = Date.now() + 1.5 * DAY;
    const elsewhere = { tenantId: 1_000_000 };
    for (const after of [0, 24_000, 26_000]) {
      if (after < 25_000) {
        expect(await check(session.accessToken, {}, now + after)).toMatchObject({
          degraded: 'unconfirmed',
        });
      }
      const refused = await check(session.accessToken, elsewhere, now + after);
      expect(refused).toMatchObject({ kind: 'unknown', uses: { d1: 0 } });
      expect(refused).not.toHaveProperty('degraded');
    }
  });

  it('back again: the next check renews, and marks nothing', async () => {
    const { accessToken } = await opened();
    const probe = newProbe({ d1: 'away' });
    const now = Date.now() + 1.5 * DAY;
    await probe.check(accessToken, {}, now);
    delete probe.faults.d1;
    const healed = await probe.check(accessToken, {}, now + 6_000);
    expect(healed).toMatchObject({ kind: 'allowed', expiresAt: now + 6_000 + 31 * DAY });
    expect(healed.degraded).toBeUndefined();
  });

  it('away: without a copy, or without KV too, it is UNAVAILABLE, and so is STRICT', async () => {
    const session = await opened();
    const { accessToken } = session;
    await expect(
      newProbe({ d1: 'away' }).check(accessToken, { consistency: 'STRICT' }),
    ).rejects.toMatchObject(unavailable);
    await expect(newProbe({ d1: 'away', kvGet: 'away' }).check(accessToken)).rejects.toMatchObject(
      unavailable,
    );
    await dropCopy(session);
    await expect(newProbe({ d1: 'away' }).check(accessToken)).rejects.toMatchObject(unavailable);
  });

  it('away: an unknown token is never let in, whatever KV does', async () => {
    const { accessToken } = await opened();
    const twin = twinOf(accessToken);
    shortenPatience(500);
    for (const kvGet of [undefined, 'away', 'hung'] as const) {
      const faults: Faults = { d1: 'away', ...(kvGet ? { kvGet } : {}) };
      const outcome = await newProbe(faults)
        .check(twin)
        .catch((fault) => ({ kind: fault.code }));
      expect(outcome.kind).toBe(kvGet ? 'UNAVAILABLE' : 'unknown');
    }
  });

  it('away: a denial from a copy stays, is marked, and is not asked for five seconds', async () => {
    const { accessToken } = await opened();
    const probe = newProbe({ d1: 'away' });
    const now = Date.now();
    const denied = { kind: 'denied', degraded: 'unconfirmed' };
    expect(await probe.check(accessToken, charge(), now)).toMatchObject({
      ...denied,
      uses: { d1: 1 },
    });
    expect(await probe.check(accessToken, charge(), now + 4_000)).toMatchObject({
      ...denied,
      uses: { d1: 0 },
    });
    const yes = await probe.check(accessToken, view(), now + 4_000);
    expect(yes.kind).toBe('allowed');
    expect(yes.degraded).toBeUndefined();
    expect(await probe.check(accessToken, charge(), now + 6_000)).toMatchObject({
      ...denied,
      uses: { d1: 1 },
    });
  });

  it(
    'that hangs is given up on after three seconds: the copy past its time, the deny, or ' +
      'UNAVAILABLE',
    async () => {
      const [late, denied, strict] = await Promise.all([opened(), opened(), opened()]);
      const waits = shortenPatience();
      const probe = () => newProbe({ d1: 'hung' });
      const answers = Promise.all([
        probe().check(late.accessToken, {}, Date.now() + 1.5 * DAY),
        probe().check(denied.accessToken, charge()),
      ]);
      await expect(
        probe().check(strict.accessToken, { consistency: 'STRICT' }),
      ).rejects.toMatchObject(unavailable);
      expect(await answers).toMatchObject([
        { kind: 'allowed', degraded: 'unconfirmed' },
        { kind: 'denied', degraded: 'unconfirmed' },
      ]);
      for (const { took } of await answers) expect(took).toBeGreaterThan(290);
      expect(Math.max(...waits)).toBe(3_000);
    },
  );

  it(
    'that reads and cannot write: activity past a copy’s time is accepted, marked, and leaves ' +
      'the end as it was',
    async () => {
      const { accessToken, expiresAt } = await opened();
      const now = Date.now() + 1.5 * DAY;
      const probe = newProbe({ d1: 'readonly' });
      expect(await probe.check(accessToken, {}, now)).toMatchObject({
        kind: 'allowed',
        degraded: 'unrenewed',
        expiresAt: Date.parse(expiresAt),
      });
      expect(await probe.check(accessToken, {}, now + 1)).toMatchObject({
        degraded: 'unrenewed',
        uses: { d1: 0 },
      });
      delete probe.faults.d1;
      const renewed = await probe.check(accessToken, {}, now + 31_000);
      expect(renewed).toMatchObject({ kind: 'allowed', expiresAt: now + 31_000 + 31 * DAY });
      expect(renewed.degraded).toBeUndefined();
    },
  );

  it('that reads and cannot write does not revive a revoked session', async () => {
    const { id, accessToken } = await opened();
    await env.DB.prepare('UPDATE sessions SET revoked_at = 1, label = NULL WHERE id = ?')
      .bind(id)
      .run();
    const later = Date.now() + 1.5 * DAY;
    expect((await newProbe({ d1: 'readonly' }).check(accessToken, {}, later)).kind).toBe('unknown');
  });
});
