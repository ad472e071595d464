/** Who may do what: the permissions on a device, the devices of a user. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { idText, parse, range } from '../../base/text.ts';
import { statement } from '../../db/connect.ts';
import { openPage, type Page, type PageInput, textPart } from '../../db/paging.ts';
import type { Device } from '../devices/device.ts';
import type { Permit } from '../permit.ts';
import { type Permission, permissionColumns, running } from './permission.ts';

/** A device that a user may do something on. */
export interface PermittedDevice {
  userId: number;
  deviceId: string;
  meterId: string | null;
  permissions: Permission[];
}

const holdersInput = v.object({
  first: range(1, 500),
  afterUser: v.nullish(idText),
});

/** The running permissions of up to `first` users on a device, by user id, past `afterUser`. */
export async function permissionsOnDevice(
  permit: Permit<'device.read'>,
  deviceId: string,
  raw: { first: number; afterUser?: string | null | undefined },
): Promise<Permission[]> {
  const { first, afterUser } = parse(holdersInput, raw);
  return permit.db.read(
    statement<Permission>(sql`
      SELECT ${permissionColumns} FROM permissions p JOIN devices d ON d.device_id = p.device_id
      WHERE p.device_id = ${deviceId} AND d.tenant_id = ${permit.tenantId} AND ${running(permit.now)} AND p.user_id IN (
        SELECT DISTINCT p.user_id FROM permissions p
        WHERE p.device_id = ${deviceId} AND p.user_id > ${afterUser ?? 0} AND ${running(permit.now)}
        ORDER BY p.user_id LIMIT ${first})
      ORDER BY p.user_id, p.permission`),
  );
}

/** The devices on which a user holds a running permission, by deviceId. */
export async function devicesOfUser(
  permit: Permit<'user.read' | 'viewer.list'>,
  userId: number,
  page: PageInput,
): Promise<Page<PermittedDevice>> {
  const { tenantId } = permit;
  const list = ['permittedDevices', tenantId, userId];
  const { limit, after, close } = openPage(page, list, v.tuple([textPart]));
  const rows = await permit.db.read(
    statement<Device & { permissions: string }>(sql`
      SELECT d.device_id AS deviceId, d.meter_id AS meterId,
        json_group_array(json_object('permission', p.permission, 'expiresAt', p.expires_at)) AS permissions
      FROM permissions p JOIN devices d ON d.device_id = p.device_id
      WHERE p.user_id = ${userId} AND d.tenant_id = ${tenantId} AND ${running(permit.now)}
        AND p.device_id > ${after?.[0] ?? ''}
      GROUP BY p.device_id ORDER BY p.device_id LIMIT ${limit}`),
  );
  const devices = rows.map(({ permissions, ...device }): PermittedDevice => {
    const held = JSON.parse(permissions) as Pick<Permission, 'permission' | 'expiresAt'>[];
    return { userId, ...device, permissions: held.map((one) => ({ ...device, userId, ...one })) };
  });
  return close(devices, ({ deviceId }) => [deviceId]);
}
