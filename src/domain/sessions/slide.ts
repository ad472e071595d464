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

/** Past this a copy is not believed: the hard bound on how long a revoked token can go on working. */
export const checkBy = (renewedAt: number): number => renewedAt + DAY;

/** With D1 away, a copy is believed this long past `checkBy`. */
export const GRACE = DAY;
