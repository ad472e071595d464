/**
 * The sliding expiry of sessions. Activity renews a session about once a day, after the response.
 * The stored expiry is a day longer than the promised 30 days, so that not every call has to write.
 * Times are epoch milliseconds.
 */
import { sql } from 'drizzle-orm';
import { DAY, HOUR } from '../../base/time.ts';
import { s } from '../../db/aliases.ts';
import { inTime } from '../../db/connect.ts';
import { update } from '../../db/statements.ts';
import { type SessionRecord, selectRecords, toRecord } from '../entities/session.ts';
import type { Call } from '../permit.ts';
import { cacheRecord } from './cache.ts';
import { isLive } from './live.ts';
import { publish } from './publish.ts';

/**
 * The values that a renewal at `now` writes. `jitter`, from 0 to 1, spreads the next renewals of
 * sessions that were opened together.
 */
export const renewal = (now: number, jitter = Math.random()) => ({
  renewedAt: now,
  renewAfter: Math.floor(now + 22 * HOUR - jitter * HOUR),
  expiresAt: now + 31 * DAY,
});

export interface Times {
  renewedAt: number;
  renewAfter: number;
  expiresAt: number;
}

/**
 * The freshness of a copy:
 * - `current`: it is used;
 * - `due`: it is used, and activity renews the session after the response;
 * - `overdue`: D1 is asked, and the copy is used only if D1 does not answer;
 * - `lapsed`: only D1 can answer;
 * - `ended`: expired, unless D1 knows of a renewal since.
 */
export type Freshness = 'current' | 'due' | 'overdue' | 'lapsed' | 'ended';

/**
 * How long a copy is used, in milliseconds. It is the upper bound on how long a revoked token can
 * go on working.
 */
const CHECK_MS = DAY;
/** How much longer while D1 does not answer, in milliseconds. */
const GRACE_MS = DAY;

/** How far a copy can be used at `now`, in epoch milliseconds. */
export function freshness({ renewedAt, renewAfter, expiresAt }: Times, now: number): Freshness {
  if (now >= expiresAt) return 'ended';
  if (now >= renewedAt + CHECK_MS + GRACE_MS) return 'lapsed';
  if (now >= renewedAt + CHECK_MS) return 'overdue';
  return now >= renewAfter ? 'due' : 'current';
}

/** The least time between two renewals of a session that one isolate tries, in milliseconds. */
const PAUSE_MS = 60_000;

/** Live sessions `s` whose renewal is due at `now`, in epoch milliseconds. */
export const isDue = (now: number) => sql`${isLive(now)} AND ${s.renewAfter} <= ${now}`;

/** Renews a session if it is live and due, updates its copies, and returns its record from D1. */
export async function renew(call: Call, id: string): Promise<SessionRecord | null> {
  const renewing = call.db.batch({
    renewal: update(s, renewal(call.now), sql`WHERE ${s.id} = ${id} AND ${isDue(call.now)}`),
    rows: selectRecords(sql`${s.id} = ${id}`, call.now),
  });
  // If the batch finishes too late, the renewal still counts. The next check finds it.
  const { rows } = await inTime(renewing);
  const record = toRecord(rows[0], call.now);
  cacheRecord(call, id, record);
  publish(call, [{ id }], rows);
  return record;
}

/** Activity of a session: renews it after the response if that is due. */
export function slideExpiry(call: Call, session: { id: string; renewAfter: number }): void {
  if (session.renewAfter > call.now) return;
  const { renewals } = call.isolate;
  if (renewals.get(session.id, call.now)) return;
  renewals.set(session.id, true, call.now + PAUSE_MS);
  call.defer(() => renew(call, session.id));
}
