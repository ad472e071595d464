/** Ends support sessions whose reason to go on is gone. */
import { type SQL, sql } from 'drizzle-orm';
import { s, source } from '../../db/aliases.ts';
import { event, type Origin } from '../../db/commit.ts';
import { jsonListOf } from '../../db/subjects.ts';
import type { PermissionKind } from '../entities/permission.ts';
import { isSupport } from '../entities/support.ts';
import type { Call } from '../permit.ts';
import { endSessions } from './end.ts';
import { publishEnds } from './publish.ts';
import { type Withdrawal, withdraw } from './withdrawals.ts';

/** Ends the tenant's live support sessions `s` that fit, with an event for each. */
function endSupport(origin: Origin, fits: SQL) {
  const { tenantId, now } = origin;
  const live = sql`${s.tenantId} = ${tenantId} AND ${isSupport}
    AND ${s.revokedAt} IS NULL AND ${fits}`;
  return {
    supportEvents: event(
      origin,
      { action: 'session.remove', user: s.userId, subject: { sessionIds: jsonListOf(s.id) } },
      // The plus keeps SQLite from the index of ends, which has all sessions of the tenant.
      sql`FROM ${source(s)} WHERE ${live} AND +${s.expiresAt} > ${now}`,
    ),
    // As they are before the end.
    supportWithdrawn: withdraw(
      origin,
      'support',
      sql`SELECT ${s.id} FROM ${source(s)} WHERE ${live}`,
    ),
    supportEnded: endSessions(now, live),
  };
}

/** Ends those that a member opened. `member`: a query in brackets for the id, or for none. */
export const endSupportBy = (origin: Origin, member: SQL) =>
  endSupport(origin, sql`${s.actorUserId} = ${member}`);

/** Ends those that may do more than a company allows from now on, if the change `holds`. */
export const endSupportBeyond = (origin: Origin, allowed: readonly PermissionKind[], holds: SQL) =>
  endSupport(
    origin,
    sql`${holds} AND EXISTS (SELECT 1 FROM json_each(${s.permissions}) w WHERE w.value NOT IN (
      SELECT j.value FROM json_each(${JSON.stringify(allowed)}) j))`,
  );

/** Updates the copies after a batch that held `endSupportBy` or `endSupportBeyond`. */
export const publishSupportEnds = (
  call: Call,
  { supportEnded = [], supportWithdrawn = [] }: SupportEnds,
): void => publishEnds(call, supportEnded, supportWithdrawn);

export interface SupportEnds {
  supportEnded?: { id: string }[];
  supportWithdrawn?: Withdrawal[];
}
