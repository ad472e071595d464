/**
 * The arithmetic of a sliding session, in epoch milliseconds. The stored expiry is a day longer than the promise
 * of 30 days, so that activity needs a write about once a day and not at each call.
 */

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** What a renewal at `now` writes. `jitter`, from 0 to 1, spreads the next renewals of sessions opened together. */
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
export type Standing = 'current' | 'due' | 'overdue' | 'lapsed' | 'ended';

/** A copy is believed for a day: the hard bound on how long a revoked token can go on working. */
const CHECK_MS = DAY;
/** With D1 away, so much longer. */
const GRACE_MS = DAY;

export function standing({ renewedAt, renewAfter, expiresAt }: Times, now: number): Standing {
  if (now >= expiresAt) return 'ended';
  if (now >= renewedAt + CHECK_MS + GRACE_MS) return 'lapsed';
  if (now >= renewedAt + CHECK_MS) return 'overdue';
  return now >= renewAfter ? 'due' : 'current';
}
