/** Records the end of expired sessions, with an event. */
import { type SQL, sql } from 'drizzle-orm';
import { s, source } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { unqualified, update } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
import { isSupport } from '../entities/support.ts';
import type { Call } from '../permit.ts';
import { roundRobin } from '../slices/round-robin.ts';
import { ERASED } from './end.ts';

/** Expired sessions `r`: their columns. */
const id = sql<string>`r.${unqualified(s.id)}`;
const user = sql`r.${unqualified(s.userId)}`;
/** The id of a support session. Each has an event of its own, which names who acted. */
const support = sql`r.support`;
const by = {
  kind: sql`iif(${support} IS NULL, 'SYSTEM', 'SUPPORT')`,
  id: support,
  userId: sql`r.${unqualified(s.actorUserId)}`,
};

/** A part of the sweep. Copies need no update: each has its own expiry. */
export async function expireSessions(call: Call): Promise<void> {
  const hasRunOut = (tenantId: SQL) =>
    sql`${s.tenantId} = ${tenantId} AND ${s.revokedAt} IS NULL AND ${s.expiresAt} <= ${call.now}`;
  await roundRobin(call, {
    isDue: (tenantId) => sql`EXISTS (SELECT 1 FROM ${source(s)} WHERE ${hasRunOut(tenantId)})`,
    take(origin, share) {
      const some = sql`
        SELECT ${s.id}, ${s.userId}, ${s.actorUserId}, iif(${isSupport}, ${s.id}, NULL) AS support
        FROM ${source(s)} WHERE ${hasRunOut(sql`${origin.tenantId}`)}
        ORDER BY ${s.expiresAt} LIMIT ${share}`;
      return {
        event: event(
          origin,
          { action: 'session.expire', by, user, subject: { sessionIds: jsonList(id) } },
          sql`FROM (${some}) r GROUP BY ${user}, ${support}`,
        ),
        taken: update(
          s,
          { revokedAt: s.expiresAt, ...ERASED },
          sql`WHERE ${s.id} IN (SELECT ${id} FROM (${some}) r) RETURNING 1`,
        ),
      };
    },
  });
}
