/** Sessions that have run out: their end is recorded, with an event. */
import { type SQL, sql } from 'drizzle-orm';
import { s, source } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { bare, update } from '../../db/statements.ts';
import { gathered } from '../../db/subjects.ts';
import type { Call } from '../permit.ts';
import { inShares } from '../slices/shares.ts';

/** A part of the sweep. No copy has to follow: each is judged by its own end. */
export async function expireSessions(call: Call): Promise<void> {
  const hasRunOut = (tenantId: SQL) =>
    sql`${s.tenantId} = ${tenantId} AND ${s.revokedAt} IS NULL AND ${s.expiresAt} <= ${call.now}`;
  await inShares(call, {
    isDue: (tenantId) => sql`EXISTS (SELECT 1 FROM ${source(s)} WHERE ${hasRunOut(tenantId)})`,
    take(origin, share) {
      const some = sql`
        SELECT ${s.id}, ${s.userId} FROM ${source(s)} WHERE ${hasRunOut(sql`${origin.tenantId}`)}
        ORDER BY ${s.expiresAt} LIMIT ${share}`;
      const user = sql`r.${bare(s.userId)}`;
      return {
        event: event(
          origin,
          {
            action: 'session.expire',
            user,
            subject: { sessionIds: gathered(sql<string>`r.${bare(s.id)}`) },
          },
          sql`FROM (${some}) r GROUP BY ${user}`,
        ),
        taken: update(
          s,
          { revokedAt: s.expiresAt, label: null },
          sql`WHERE ${s.id} IN (SELECT r.${bare(s.id)} FROM (${some}) r) RETURNING 1`,
        ),
      };
    },
  });
}
