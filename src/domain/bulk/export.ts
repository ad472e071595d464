/** Exporting end users and their running permissions, page by page in the order of their externalIds. */
import { sql } from 'drizzle-orm';
import { writeTime } from '../../base/time.ts';
import { statement } from '../../db/connect.ts';
import { type PermissionKind, running } from '../permissions/permission.ts';
import type { Permit } from '../permit.ts';
import type { ExportLine } from './line.ts';

/** Users in one round trip. */
export const EXPORT_PAGE = 1_000;

/** The end users whose externalIds come behind `after`, at most a page of them. */
export async function exportUsers(
  permit: Permit<'user.export'>,
  after: string,
): Promise<ExportLine[]> {
  const { tenantId, now, db } = permit;
  const rows = await db.read(
    statement<{ externalId: string; suspended: 0 | 1; grants: string }>(sql`
      SELECT u.external_id AS externalId, u.suspended_at IS NOT NULL AS suspended,
        (SELECT json_group_array(json_array(p.permission, p.device_id, p.expires_at))
         FROM permissions p WHERE p.user_id = u.id AND ${running(now)}) AS grants
      FROM users u WHERE u.tenant_id = ${tenantId} AND u.external_id > ${after}
      ORDER BY u.external_id LIMIT ${EXPORT_PAGE}`),
  );
  return rows.map(({ externalId, suspended, grants }) => {
    const all = JSON.parse(grants) as [PermissionKind, string, number | null][];
    const of = (kind: PermissionKind) =>
      all
        .filter(([permission]) => permission === kind)
        .map(([, deviceId, end]) => ({
          deviceId,
          expiresAt: end === null ? null : writeTime(end),
        }));
    return {
      externalId,
      suspended: suspended === 1,
      devicePermissions: of('VIEW'),
      chargingPermissions: of('CHARGE'),
    };
  });
}
