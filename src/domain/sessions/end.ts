/** Ending sessions: in D1 first, which is the source of truth, then in the copies. */
import { type SQL, sql } from 'drizzle-orm';
import { DAY } from '../../base/time.ts';
import { s, source } from '../../db/aliases.ts';
import { event, type Origin } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { returning, select, update } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
import type { Permit } from '../permit.ts';
import { isLive } from './live.ts';
import { type Cause, withdraw } from './withdrawals.ts';

/** What goes with a session: its row stays. */
export const ERASED = { label: null, client: null };

/**
 * Revokes the sessions `s` that fit, erases what was written about them and returns their ids.
 * `how` is `withdrawn` if someone else ends them: this voids the reset tokens that they issued. It
 * is `left` if they sign out or make way for a newer one: this does not.
 */
export const endSessions = (
  now: number,
  fits: SQL,
  how: 'withdrawn' | 'left' = 'withdrawn',
): Statement<{ id: string }> =>
  returning(
    update(
      s,
      { revokedAt: now, withdrawn: how === 'withdrawn' ? 1 : 0, ...ERASED },
      sql`WHERE ${s.revokedAt} IS NULL AND ${fits}`,
    ),
    { id: s.id },
  );

/**
 * Marks sessions that signed out earlier as withdrawn too: whoever ends all sessions of a user
 * means these too.
 */
export const withdrawLeft = (fits: SQL): Statement =>
  update(s, { withdrawn: 1 }, sql`WHERE ${s.revokedAt} > 0 AND ${s.withdrawn} = 0 AND ${fits}`);

/**
 * Ends sessions and withdraws their copies. `ended` picks them after the end, if `fits` would not
 * any more.
 */
export const withdrawSessions = (
  origin: Pick<Origin, 'tenantId' | 'change' | 'now'>,
  cause: Cause,
  fits: SQL,
  { ended = fits, how = 'withdrawn' }: { ended?: SQL; how?: 'withdrawn' | 'left' } = {},
) => ({
  ended: endSessions(origin.now, fits, how),
  withdrawn: withdraw(
    origin,
    cause,
    sql`SELECT ${s.id} FROM ${source(s)} WHERE ${ended} AND ${s.revokedAt} = ${origin.now}`,
  ),
});

/** The event of ending the live sessions `s` that fit. Stands before the end. */
export const endedEvent = (
  permit: Permit<string>,
  action: 'session.remove' | 'session.removeAll' | 'session.removeOwn',
  fits: SQL,
): Statement =>
  event(
    permit,
    { action, user: s.userId, subject: { sessionIds: jsonList(s.id) } },
    sql`FROM ${source(s)} WHERE ${isLive(permit.now)} AND ${fits} GROUP BY ${s.userId}`,
  );

/** How long a copy could outlive its session if KV lost its deletion. */
const HEALED_MS = 2 * DAY;
/** As many sessions as a user may have, and some that ended lately. */
const ENDING = 100;

/**
 * The sessions `s` whose copies must be updated: those that the call will end, and those that an
 * earlier one ended, in case KV lost their deletion. Stands before the end.
 */
export const selectEnding = (now: number, fits: SQL): Statement<{ id: string; isLive: 0 | 1 }> =>
  select(
    { id: s.id, isLive: sql<0 | 1>`${isLive(now)}` },
    sql`FROM ${source(s)}
      WHERE (${s.revokedAt} IS NULL OR ${s.revokedAt} > ${now - HEALED_MS}) AND ${fits}
      ORDER BY ${s.revokedAt} LIMIT ${ENDING}`,
  );

/** Ends the sessions of a user that fit, and withdraws those of them that signed out earlier. */
export const withdrawAll = (origin: Pick<Origin, 'tenantId' | 'change' | 'now'>, fits: SQL) => ({
  ending: selectEnding(origin.now, fits),
  ...withdrawSessions(origin, 'session', fits),
  left: withdrawLeft(fits),
});
