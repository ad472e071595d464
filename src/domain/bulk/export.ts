/** Exporting end users and their running permissions, page by page in the order of their externalIds. */
import { sql } from 'drizzle-orm';
import { writeTime } from '../../base/time.ts';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { MAX_DEVICES } from '../devices/device.ts';
import { type PermissionKind, running } from '../permissions/permission.ts';
import type { Permit } from '../permit.ts';
import type { ExportLine } from './line.ts';

/** In one round trip: users, and permissions, but those of one user at least. */
const USERS = 1_000;
const PERMISSIONS = 20_000;

/** The event of an export, before anything is given away: none goes without. */
export async function beginExport(permit: Permit<'user.beginExport'>): Promise<void> {
  const { tenantId, db } = permit;
  const from = sql`FROM tenants WHERE id = ${tenantId}`;
  await db.batch({ event: event(permit, { action: 'user.export' }, from) });
}

/** The end users whose externalIds come behind `after`: some of them, none at the end. Who has more than a line holds has several. */
export async function exportUsers(
  permit: Permit<'user.export'>,
  after: string,
): Promise<ExportLine[]> {
  const { tenantId, now, db } = permit;
  const rows = await db.read(
    statement<{ externalId: string; suspended: 0 | 1; grants: string }>(sql`
      SELECT externalId, suspended, (
        SELECT json_group_array(json_array(p.permission, p.device_id, p.expires_at))
        FROM permissions p WHERE p.user_id = r.id AND ${running(now)}) AS grants
      FROM (
        SELECT r.*, sum(many) OVER (ORDER BY externalId) - many AS before FROM (
          SELECT u.id, u.external_id AS externalId, u.suspended_at IS NOT NULL AS suspended,
            (SELECT count(*) FROM permissions p WHERE p.user_id = u.id) AS many
          FROM users u WHERE u.tenant_id = ${tenantId} AND u.external_id > ${after}
          ORDER BY u.external_id LIMIT ${USERS}) r) r
      WHERE before < ${PERMISSIONS} ORDER BY externalId`),
  );
  return rows.flatMap(({ externalId, suspended, grants }) => {
    const all = JSON.parse(grants) as [PermissionKind, string, number | null][];
    const of = (kind: PermissionKind) =>
      all
        .filter(([permission]) => permission === kind)
        .map(([, deviceId, end]) => ({
          deviceId,
          expiresAt: end === null ? null : writeTime(end),
        }));
    const [view, charge] = [of('VIEW'), of('CHARGE')];
    const lines = Math.max(1, Math.ceil(Math.max(view.length, charge.length) / MAX_DEVICES));
    return Array.from({ length: lines }, (_, nth) => {
      const part = [nth * MAX_DEVICES, (nth + 1) * MAX_DEVICES] as const;
      return {
        externalId,
        suspended: suspended === 1,
        devicePermissions: view.slice(...part),
        chargingPermissions: charge.slice(...part),
      };
    });
  });
}
