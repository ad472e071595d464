/**
 * How long a session lives, in epoch milliseconds, and its renewal about once a day, behind the
 * answer. The stored expiry is a day longer than the promise of 30 days, so that activity needs no
 * write at each call.
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
 * What a renewal at `now` writes. `jitter`, from 0 to 1, spreads the next renewals of sessions
 * opened together.
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
 * What a copy with these times is worth:
 * - `current`: believed;
 * - `due`: believed, and activity renews the session behind the answer;
 * - `overdue`: D1 is to be asked, and the copy believed only where D1 does not answer;
 * - `lapsed`: D1 alone can tell;
 * - `ended`: past its end, unless D1 knows of a renewal since.
 */
export type Freshness = 'current' | 'due' | 'overdue' | 'lapsed' | 'ended';

/** A copy is believed for a day: the hard bound on how long a revoked token can go on working. */
const CHECK_MS = DAY;
/** With D1 away, so much longer. */
const GRACE_MS = DAY;

export function freshness({ renewedAt, renewAfter, expiresAt }: Times, now: number): Freshness {
  if (now >= expiresAt) return 'ended';
  if (now >= renewedAt + CHECK_MS + GRACE_MS) return 'lapsed';
  if (now >= renewedAt + CHECK_MS) return 'overdue';
  return now >= renewAfter ? 'due' : 'current';
}

/**
 * An isolate tries no session more often, be it while another try is under way or after one failed.
 */
const PAUSE_MS = 60_000;

/** Live sessions `s` whose renewal is due at `now`. */
export const isDue = (now: number) => sql`${isLive(now)} AND ${s.renewAfter} <= ${now}`;

/**
 * Renews a session if it lives and is due, refreshes its copies, and gives its record as D1 has it
 * then.
 */
export async function renew(call: Call, id: string): Promise<SessionRecord | null> {
  const renewing = call.db.batch({
    renewal: update(s, renewal(call.now), sql`WHERE ${s.id} = ${id} AND ${isDue(call.now)}`),
    rows: selectRecords(sql`${s.id} = ${id}`, call.now),
  });
  // What comes of it too late is no less true: the next check finds it.
  const { rows } = await inTime(renewing);
  const record = toRecord(rows[0], call.now);
  cacheRecord(call, id, record);
  publish(call, [{ id }], rows);
  return record;
}

/** Activity on a session: renews it behind the answer when that is due. */
export function slideExpiry(call: Call, session: { id: string; renewAfter: number }): void {
  if (session.renewAfter > call.now) return;
  const { renewals } = call.isolate;
  if (renewals.get(session.id, call.now)) return;
  renewals.set(session.id, true, call.now + PAUSE_MS);
  call.defer(() => renew(call, session.id));
}
