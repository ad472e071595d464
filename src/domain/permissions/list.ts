/** Lists permissions: those on a device, and the devices of a user. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { idText, parse, range } from '../../base/text.ts';
import { d, p, source } from '../../db/aliases.ts';
import {
  type CursorPage,
  type CursorPageInput,
  openCursorPage,
  textPart,
} from '../../db/cursor-page.ts';
import { select } from '../../db/statements.ts';
import { type Permission, permissionColumns, running } from '../entities/permission.ts';
import type { Permit } from '../permit.ts';

/** A device on which a user has a permission. */
export interface PermittedDevice extends Pick<Permission, 'userId' | 'deviceId' | 'meterId'> {
  permissions: Permission[];
}

const withDevices: SQL = sql`
  FROM ${source(p)} JOIN ${source(d)} ON ${d.deviceId} = ${p.deviceId}`;

const holdersInput = v.object({
  first: range(1, 500),
  afterUser: v.nullish(idText),
});

/** The running permissions of up to `first` users on a device, by user id, after `afterUser`. */
export async function permissionsOnDevice(
  permit: Permit<'device.read'>,
  deviceId: string,
  raw: { first: number; afterUser?: string | null | undefined },
): Promise<Permission[]> {
  const { first, afterUser } = parse(holdersInput, raw);
  const fits = sql`${p.deviceId} = ${deviceId} AND ${running(permit.now)}`;
  return permit.db.read(
    select(
      permissionColumns,
      sql`${withDevices} WHERE ${fits} AND ${d.tenantId} = ${permit.tenantId} AND ${p.userId} IN (
          SELECT DISTINCT ${p.userId} FROM ${source(p)}
          WHERE ${fits} AND ${p.userId} > ${afterUser ?? 0} ORDER BY ${p.userId} LIMIT ${first})
        ORDER BY ${p.userId}, ${p.permission}`,
    ),
  );
}

/** Permissions `p` that the caller may use: a support session has less than its user. */
const isUsable = ({ caller }: Permit<'user.read' | 'viewer.list'>): SQL =>
  caller.kind === 'endUser' && caller.support
    ? sql`${p.permission} IN ${caller.support.permissions}`
    : sql`1`;

/** The devices on which a user holds a running permission, by deviceId. */
export async function devicesOfUser(
  permit: Permit<'user.read' | 'viewer.list'>,
  userId: number,
  page: CursorPageInput,
): Promise<CursorPage<PermittedDevice>> {
  const { tenantId } = permit;
  const list = ['permittedDevices', tenantId, userId];
  const { limit, after, close } = openCursorPage(page, list, v.tuple([textPart]));
  const rows = await permit.db.read(
    select(
      {
        ...{ deviceId: d.deviceId, meterId: d.meterId },
        permissions: sql<string>`json_group_array(
          json_object('permission', ${p.permission}, 'expiresAt', ${p.expiresAt}))`,
      },
      sql`${withDevices} WHERE ${p.userId} = ${userId} AND ${d.tenantId} = ${tenantId}
          AND ${running(permit.now)} AND ${isUsable(permit)}
          AND ${p.deviceId} > ${after?.[0] ?? ''}
        GROUP BY ${p.deviceId} ORDER BY ${p.deviceId} LIMIT ${limit}`,
    ),
  );
  const devices = rows.map(({ permissions, ...device }): PermittedDevice => {
    const held = JSON.parse(permissions) as Pick<Permission, 'permission' | 'expiresAt'>[];
    return { userId, ...device, permissions: held.map((one) => ({ ...device, userId, ...one })) };
  });
  return close(devices, ({ deviceId }) => [deviceId]);
}
