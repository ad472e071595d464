/** Sliding expiry: its arithmetic, and its promise for any history of activity. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DAY } from '../../../src/base/time.ts';
import { freshness, renewal } from '../../../src/domain/sessions/sliding-expiry.ts';
import { env, newSession, newTenant, newUser, newWorld, type Tenant } from '../../world.ts';
import { newProbe } from './isolate.ts';

const HOUR = 3_600_000;

describe('the times of a session', () => {
  it('are 21 to 22 hours to the next renewal and 31 days to the end', () => {
    expect(renewal(0, 0)).toEqual({ renewedAt: 0, renewAfter: 22 * HOUR, expiresAt: 31 * DAY });
    expect(renewal(0, 1)).toEqual({ renewedAt: 0, renewAfter: 21 * HOUR, expiresAt: 31 * DAY });
  });

  it('say to the millisecond what a copy is worth', () => {
    const times = renewal(0, 0);
    const steps = [0, 22 * HOUR, DAY, 2 * DAY, 31 * DAY];
    expect(steps.map((at) => freshness(times, at))).toEqual([
      'current',
      'due',
      'overdue',
      'lapsed',
      'ended',
    ]);
    expect(steps.slice(1).map((at) => freshness(times, at - 1))).toEqual([
      'current',
      'due',
      'overdue',
      'lapsed',
    ]);
  });
});

const moment = fc.integer({ min: 0, max: 40 * DAY });
const jitter = fc.double({ min: 0, max: 1, noNaN: true });

describe('activity at any moment', () => {
  it(
    'that a copy is believed for leaves 30 days without a write, 29 where D1 was away, and ' +
      'never more than 31',
    () => {
      const least = {
        current: 30,
        due: 30,
        overdue: 29,
        lapsed: 0,
        ended: Number.NEGATIVE_INFINITY,
      };
      fc.assert(
        fc.property(moment, moment, jitter, (renewedAt, later, spread) => {
          const times = renewal(renewedAt, spread);
          const at = renewedAt + later;
          expect(times.expiresAt - at).toBeGreaterThanOrEqual(least[freshness(times, at)] * DAY);
          expect(times.expiresAt - at).toBeLessThanOrEqual(31 * DAY);
        }),
        { numRuns: 5_000 },
      );
    },
  );
});

interface Activity {
  /** Milliseconds since the activity before. */
  after: number;
  isolate: number;
  /** D1, as that isolate meets it. */
  d1: 'up' | 'away' | 'readonly';
}

const ISOLATES = 3;

const histories = (...d1: Activity['d1'][]): fc.Arbitrary<Activity[]> =>
  fc.array(
    fc.record({
      after: fc.oneof(
        fc.integer({ min: 0, max: 2 * 60_000 }),
        fc.integer({ min: 0, max: 30 * HOUR }),
        fc.integer({ min: 0, max: 33 * DAY }),
      ),
      isolate: fc.nat(ISOLATES - 1),
      d1: fc.constantFrom(...d1),
    }),
    { maxLength: 25 },
  );

interface Accepted extends Activity {
  at: number;
  /** As D1 had them behind the answer. */
  renewedAt: number;
  expiresAt: number;
}

const world = newWorld();
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

const timesOf = async (id: string): Promise<{ renewedAt: number; expiresAt: number }> => {
  const row = await env.DB.prepare(
    'SELECT renewed_at AS renewedAt, expires_at AS expiresAt FROM sessions WHERE id = ?',
  )
    .bind(id)
    .first<{ renewedAt: number; expiresAt: number }>();
  if (!row) throw new Error('no such session');
  return row;
};

/**
 * Shows a new session's token to isolates as a history has it, on real D1 and KV, as long as it is
 * accepted.
 */
async function live(history: Activity[]) {
  const user = await newUser(world, tenant);
  const { id, accessToken } = await newSession(world, tenant, user.identifier);
  const probes = Array.from({ length: ISOLATES }, () => newProbe());
  const opened = await timesOf(id);
  const accepted: Accepted[] = [
    { ...opened, at: opened.renewedAt, after: 0, isolate: 0, d1: 'up' },
  ];
  let now = opened.renewedAt;
  for (const activity of history) {
    const probe = probes[activity.isolate];
    if (!probe) throw new Error('no such isolate');
    now += activity.after;
    if (activity.d1 === 'up') delete probe.faults.d1;
    else probe.faults.d1 = activity.d1;
    const { kind } = await probe
      .check(accessToken, {}, now)
      .catch(() => ({ kind: 'unavailable' as const }));
    if (kind === 'unknown') break;
    if (kind === 'allowed') accepted.push({ ...activity, ...(await timesOf(id)), at: now });
  }
  const check = async (at: number) =>
    (await newProbe().check(accessToken, { activity: false }, at)).kind;
  return { accepted, last: accepted.at(-1)?.at ?? 0, check };
}

describe('over any history of activity', () => {
  it(
    'a session is good at every instant up to 30 days after the last, and at none from the ' +
      '31st day on',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          histories('up'),
          fc.integer({ min: 0, max: 30 * DAY }),
          async (history, later) => {
            const { accepted, last, check } = await live(history);
            for (const { at, expiresAt } of accepted) {
              expect(expiresAt - at).toBeGreaterThanOrEqual(30 * DAY);
              expect(expiresAt - at).toBeLessThanOrEqual(31 * DAY);
            }
            expect(await check(last + later - 1)).toBe('allowed');
            expect(await check(last + 30 * DAY - 1)).toBe('allowed');
            expect(await check(last + 31 * DAY)).toBe('unknown');
          },
        ),
        { numRuns: 40 },
      );
    },
  );

  it(
    'with D1 away now and then it is good for at least 29 days, and for 30 after activity ' +
      'within a day of a renewal',
    async () => {
      await fc.assert(
        fc.asyncProperty(histories('up', 'away'), async (history) => {
          const { accepted, last, check } = await live(history);
          for (const { at, renewedAt, expiresAt } of accepted) {
            const days = at - renewedAt < DAY ? 30 : 29;
            expect(expiresAt - at).toBeGreaterThanOrEqual(days * DAY);
            expect(expiresAt - at).toBeLessThanOrEqual(31 * DAY);
          }
          expect(await check(last + 29 * DAY - 1)).toBe('allowed');
          expect(await check(last + 31 * DAY)).toBe('unknown');
        }),
        { numRuns: 40 },
      );
    },
  );

  it('it is renewed once a window, whoever sees it and whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(histories('up', 'away', 'readonly'), async (history) => {
        const { accepted } = await live(history);
        const renewals = [...new Set(accepted.map(({ renewedAt }) => renewedAt))];
        renewals.slice(1).forEach((at, n) => {
          expect(at - (renewals[n] ?? 0)).toBeGreaterThanOrEqual(21 * HOUR);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('an isolate asks for a renewal once a minute at most, though D1 refuses it', async () => {
    const user = await newUser(world, tenant);
    const { accessToken } = await newSession(world, tenant, user.identifier);
    const probe = newProbe({ d1: 'readonly' });
    const due = Date.now() + 23 * HOUR;
    const writes = async (at: number) => {
      const before = probe.attempts();
      await probe.check(accessToken, {}, at);
      return probe.attempts() - before;
    };
    expect(await writes(due)).toBe(1);
    expect(await writes(due + 59_000)).toBe(0);
    expect(await writes(due + 61_000)).toBe(1);
  });
});
