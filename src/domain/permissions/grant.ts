/** Granting devices to a user: all or nothing, in one round trip. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuseAny } from '../../base/faults.ts';
import { future, parse } from '../../base/text.ts';
import { event, type Origin } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import {
  type DeviceIdentifier,
  deviceItems,
  type Meant,
  meantDevice,
  resolveDevices,
  someDeviceIdentifiers,
  unknownDevice,
} from '../devices/device.ts';
import type { Permit } from '../permit.ts';
import { publishUsers, publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import {
  idOfUser,
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  unknownUser,
  userIdentifier,
} from '../users/user.ts';
import {
  isAtHand,
  type Permission,
  type PermissionKind,
  permissionColumns,
  running,
  runsOn,
} from './permission.ts';

const input = (now: number) =>
  v.object({
    userIdentifier,
    deviceIdentifiers: someDeviceIdentifiers,
    expiresAt: v.nullish(future(now)),
  });

export interface Grant {
  userIdentifier: UserIdentifier;
  deviceIdentifiers: DeviceIdentifier[];
  /** Absent: a running grant keeps its end and a new one has none. Null: no end. */
  expiresAt?: number | null | undefined;
}

/** The permissions of users that this very call granted, by their stamp: their events, one for each kind and end, and their rows. */
export function modifiedBy(origin: Origin, userIds: SQL) {
  const modified = sql`
    FROM permissions p JOIN devices d ON d.device_id = p.device_id WHERE p.user_id IN ${userIds} AND p.change_id = ${origin.change}`;
  return {
    grantEvent: event(
      origin,
      {
        action: 'permission.add',
        user: sql`p.user_id`,
        subject: sql`json_object('permission', p.permission, 'deviceIds', json(json_group_array(p.device_id)), 'expiresAt', p.expires_at)`,
      },
      sql`${modified} GROUP BY p.user_id, p.permission, p.expires_at`,
    ),
    modifiedPermissions: statement<Permission>(
      sql`SELECT ${permissionColumns} ${modified} ORDER BY p.permission DESC, p.device_id`,
    ),
  };
}

/** `modifiedPermissions` are those that this very call changed. */
export async function grantPermissions(
  permit: Permit<'permission.add'>,
  permission: PermissionKind,
  raw: Grant,
): Promise<{ user: User; modifiedPermissions: Permission[] }> {
  const {
    userIdentifier: identifier,
    deviceIdentifiers,
    expiresAt,
  } = parse(input(permit.now), raw);
  const { tenantId, change, now, call } = permit;
  const picked = isUser(tenantId, identifier);
  const named = resolveDevices(tenantId, deviceItems(deviceIdentifiers));
  const keep = expiresAt === undefined ? 1 : 0;
  const held = sql`SELECT 1 FROM permissions p
    WHERE p.user_id = ${idOfUser(picked)} AND p.device_id = r.dev AND p.permission = ${permission} AND ${running(now)}`;
  /** What this call cuts short. */
  const longer = sql`(p.expires_at IS NULL OR p.expires_at > ${expiresAt ?? null})`;
  const cutsShort = sql`${expiresAt == null ? 0 : 1} AND EXISTS (SELECT 1 FROM (${named}) r WHERE EXISTS (${held} AND ${longer}))
    AND NOT EXISTS (SELECT 1 FROM (${named}) WHERE dev IS NULL)`;
  /** It ends some that would have run on, and makes none longer. */
  const ends = sql`${isAtHand(expiresAt, now)} AND ${cutsShort}
    AND EXISTS (SELECT 1 FROM (${named}) r WHERE EXISTS (${held} AND ${runsOn(now)}))
    AND NOT EXISTS (
      SELECT 1 FROM (${named}) r WHERE NOT EXISTS (${held} AND (${longer} OR p.expires_at = ${expiresAt ?? null})))`;
  const {
    user: [user],
    faulty,
    modifiedPermissions,
    withdrawn,
  } = await permit.endingIf(ends).batch({
    user: selectUser(picked),
    faulty: statement<Meant & { item: number }>(
      sql`SELECT item, ${meantDevice(tenantId)} AS meant FROM (${named}) r WHERE dev IS NULL ORDER BY item`,
    ),
    withdrawn: withdrawLive(permit, 'user', idOfUser(sql`${picked} AND ${cutsShort}`)),
    insertion: statement(sql`
      INSERT INTO permissions (user_id, device_id, permission, expires_at, change_id, tenant_id)
      SELECT DISTINCT u.id, r.dev, ${permission}, ${expiresAt ?? null}, ${change}, u.tenant_id FROM (${named}) r, users u
      WHERE ${picked} AND NOT EXISTS (SELECT 1 FROM (${named}) WHERE dev IS NULL)
      ON CONFLICT (user_id, device_id, permission) DO UPDATE SET expires_at = excluded.expires_at, change_id = excluded.change_id
      WHERE permissions.expires_at <= ${now} OR (NOT ${keep} AND permissions.expires_at IS NOT excluded.expires_at)`),
    ...modifiedBy(permit, idOfUser(picked)),
  });
  refuseAny([
    ...(user ? [] : [unknownUser(identifier)]),
    ...faulty.map(({ item, meant }) =>
      unknownDevice(['deviceIdentifiers', String(item)], deviceIdentifiers[item] ?? {}, { meant }),
    ),
  ]);
  if (!user) throw new Error('a missing user is refused above');
  if (withdrawn.length > 0) publishWithdrawn(call, withdrawn);
  else if (modifiedPermissions.length > 0) publishUsers(call, [user.id]);
  return { user, modifiedPermissions };
}
