/** Records the end of expired sessions, with an event. */
import { type SQL, sql } from 'drizzle-orm';
import { s, source } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { unqualified, update } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
import type { Call } from '../permit.ts';
import { roundRobin } from '../slices/round-robin.ts';
import { ERASED } from './end.ts';

/** A part of the sweep. Copies need no update: each has its own expiry. */
export async function expireSessions(call: Call): Promise<void> {
  const hasRunOut = (tenantId: SQL) =>
    sql`${s.tenantId} = ${tenantId} AND ${s.revokedAt} IS NULL AND ${s.expiresAt} <= ${call.now}`;
  await roundRobin(call, {
    isDue: (tenantId) => sql`EXISTS (SELECT 1 FROM ${source(s)} WHERE ${hasRunOut(tenantId)})`,
    take(origin, share) {
      const some = sql`
        SELECT ${s.id}, ${s.userId} FROM ${source(s)} WHERE ${hasRunOut(sql`${origin.tenantId}`)}
        ORDER BY ${s.expiresAt} LIMIT ${share}`;
      const user = sql`r.${unqualified(s.userId)}`;
      return {
        event: event(
          origin,
          {
            action: 'session.expire',
            user,
            subject: { sessionIds: jsonList(sql<string>`r.${unqualified(s.id)}`) },
          },
          sql`FROM (${some}) r GROUP BY ${user}`,
        ),
        taken: update(
          s,
          { revokedAt: s.expiresAt, ...ERASED },
          sql`WHERE ${s.id} IN (SELECT r.${unqualified(s.id)} FROM (${some}) r) RETURNING 1`,
        ),
      };
    },
  });
}
