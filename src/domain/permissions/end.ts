/** Permissions that have ended by themselves: their rows go, with an event. */
import { sql } from 'drizzle-orm';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import type { Call } from '../permit.ts';
import { inTurns } from '../turns.ts';

/** A part of the sweep. No copy has to follow: each judges the ends of its permissions by the clock. */
export async function endPermissions(call: Call): Promise<void> {
  await inTurns(call, {
    isDue: (tenantId) => sql`EXISTS (
      SELECT 1 FROM permissions p WHERE p.tenant_id = ${tenantId} AND p.expires_at <= ${call.now})`,
    take(origin, share) {
      const some = sql`
        SELECT user_id, device_id, permission FROM permissions
        WHERE tenant_id = ${origin.tenantId} AND expires_at <= ${call.now} ORDER BY expires_at LIMIT ${share}`;
      return {
        event: event(
          origin,
          {
            action: 'permission.end',
            user: sql`user_id`,
            subject: sql`json_object('permission', permission, 'deviceIds', json(json_group_array(device_id)))`,
          },
          sql`FROM (${some}) GROUP BY user_id, permission`,
        ),
        taken: statement(sql`
          DELETE FROM permissions WHERE (user_id, device_id, permission) IN (${some}) RETURNING 1`),
      };
    },
  });
}
