/** Exports end users and their running permissions, in pages by externalId. */
import { sql } from 'drizzle-orm';
import { writeTime } from '../../base/time.ts';
import { p, source, t, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { listed, select } from '../../db/statements.ts';
import { MAX_DEVICES } from '../entities/device.ts';
import { type PermissionKind, running } from '../entities/permission.ts';
import type { Permit } from '../permit.ts';
import type { ExportLine } from './line.ts';

/**
 * The most users and permissions in one round trip. The permissions of one user are never split.
 */
const USERS = 1_000;
const PERMISSIONS = 20_000;

/** `many`: the number of permissions of the user, including ended ones. */
const userColumns = {
  ...{ id: u.id, externalId: u.externalId, suspended: sql`${u.suspendedAt} IS NOT NULL` },
  many: sql`(SELECT count(*) FROM ${source(p)} WHERE ${p.userId} = ${u.id})`,
};

/** Records the export before any data is sent. */
export async function beginExport(permit: Permit<'user.beginExport'>): Promise<void> {
  const { tenantId, db } = permit;
  const from = sql`FROM ${source(t)} WHERE ${t.id} = ${tenantId}`;
  await db.batch({ event: event(permit, { action: 'user.export' }, from) });
}

/**
 * Some end users whose externalIds come after `after`. Empty at the end. A user with more devices
 * than a line holds gets several lines.
 */
export async function exportUsers(
  permit: Permit<'user.export'>,
  after: string,
): Promise<ExportLine[]> {
  const { tenantId, now, db } = permit;
  const some = sql`
    SELECT ${listed(userColumns)} FROM ${source(u)}
    WHERE ${u.tenantId} = ${tenantId} AND ${u.externalId} > ${after}
    ORDER BY ${u.externalId} LIMIT ${USERS}`;
  const rows = await db.read(
    select(
      {
        ...{ externalId: sql<string>`r.externalId`, suspended: sql<0 | 1>`r.suspended` },
        grants: sql<string>`(
          SELECT json_group_array(json_array(${p.permission}, ${p.deviceId}, ${p.expiresAt}))
          FROM ${source(p)} WHERE ${p.userId} = r.id AND ${running(now)})`,
      },
      sql`FROM (
          SELECT r.*, sum(r.many) OVER (ORDER BY r.externalId) - r.many AS before
          FROM (${some}) r) r
        WHERE r.before < ${PERMISSIONS} ORDER BY r.externalId`,
    ),
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
