/** Sessions that have run out: their end is recorded, with an event. */
import { sql } from 'drizzle-orm';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import type { Call } from '../permit.ts';
import { inTurns } from '../turns.ts';

/** A part of the sweep. No copy has to follow: each is judged by its own end. */
export async function expireSessions(call: Call): Promise<void> {
  await inTurns(call, {
    isDue: (tenantId) => sql`EXISTS (
      SELECT 1 FROM sessions s
      WHERE s.tenant_id = ${tenantId} AND s.revoked_at IS NULL AND s.expires_at <= ${call.now})`,
    take(origin, share) {
      const some = sql`
        SELECT s.id, s.user_id FROM sessions s
        WHERE s.tenant_id = ${origin.tenantId} AND s.revoked_at IS NULL AND s.expires_at <= ${call.now}
        ORDER BY s.expires_at LIMIT ${share}`;
      return {
        event: event(
          origin,
          {
            action: 'session.expire',
            user: sql`user_id`,
            subject: sql`json_object('sessionIds', json(json_group_array(id)))`,
          },
          sql`FROM (${some}) GROUP BY user_id`,
        ),
        taken: statement(sql`
          UPDATE sessions SET revoked_at = expires_at, label = NULL WHERE id IN (SELECT id FROM (${some})) RETURNING 1`),
      };
    },
  });
}
