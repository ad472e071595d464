/** Deletes expired permissions, with an event. */
import { type SQL, sql } from 'drizzle-orm';
import { p, source } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { listed, remove } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
import type { PermissionKind } from '../entities/permission.ts';
import type { Call } from '../permit.ts';
import { roundRobin } from '../slices/round-robin.ts';

const columns = { userId: p.userId, deviceId: p.deviceId, permission: p.permission };

/** A part of the sweep. Copies need no update: each checks the ends of its permissions itself. */
export async function endPermissions(call: Call): Promise<void> {
  const ended = (tenantId: number | SQL): SQL => sql`
    FROM ${source(p)} WHERE ${p.tenantId} = ${tenantId} AND ${p.expiresAt} <= ${call.now}`;
  await roundRobin(call, {
    isDue: (tenantId) => sql`EXISTS (SELECT 1 ${ended(tenantId)})`,
    take(origin, share) {
      const some = sql`
        SELECT ${listed(columns)} ${ended(origin.tenantId)}
        ORDER BY ${p.expiresAt} LIMIT ${share}`;
      return {
        event: event(
          origin,
          {
            action: 'permission.end',
            user: sql`r.userId`,
            subject: {
              permission: sql<PermissionKind>`r.permission`,
              deviceIds: jsonList(sql<string>`r.deviceId`),
            },
          },
          sql`FROM (${some}) r GROUP BY r.userId, r.permission`,
        ),
        taken: remove(
          p,
          sql`WHERE (${p.userId}, ${p.deviceId}, ${p.permission}) IN (${some}) RETURNING 1`,
        ),
      };
    },
  });
}
