/** Withdraws permissions: from a user, or from everyone on a device. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import type { Complaint } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { d, p, source, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { remove, select } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
import { sparingSuperiors } from '../callers/superiors.ts';
import {
  type DeviceIdentifier,
  deviceIdentifier,
  deviceItems,
  hintsAt,
  hintsOn,
  resolveDevices,
  selectMisnamed,
  someDeviceIdentifiers,
} from '../entities/device.ts';
import {
  type Permission,
  type PermissionKind,
  permissionColumns,
  running,
} from '../entities/permission.ts';
import {
  fromUser,
  idOfUser,
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  userIdentifier,
} from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { publishWithdrawn } from '../sessions/publish.ts';
import { type Cause, withdrawLive } from '../sessions/withdrawals.ts';

/**
 * Lists, records and deletes the running permissions `p` that fit, in this order. Expired ones are
 * deleted without an event.
 */
function withdrawal(
  permit: Permit<'permission.remove' | 'permission.removeAll'>,
  cause: Cause,
  fits: SQL,
) {
  const ending = sql`
    FROM ${source(p)} JOIN ${source(d)} ON ${d.deviceId} = ${p.deviceId}
    WHERE ${fits} AND ${running(permit.now)}`;
  return {
    modifiedPermissions: select(
      permissionColumns,
      sql`${ending} ORDER BY ${p.userId}, ${p.deviceId}`,
    ),
    event: event(
      permit,
      {
        action: permit.action,
        user: p.userId,
        subject: { permission: p.permission, deviceIds: jsonList(p.deviceId) },
      },
      sql`${ending} GROUP BY ${p.userId}, ${p.permission}`,
    ),
    withdrawn: withdrawLive(permit, cause, sql`SELECT ${p.userId} ${ending}`),
    deletion: remove(p, sql`WHERE ${fits}`),
  };
}

const input = v.object({ userIdentifier, deviceIdentifiers: someDeviceIdentifiers });

export interface PermissionsToWithdraw {
  userIdentifier: UserIdentifier;
  deviceIdentifiers: DeviceIdentifier[];
}

/**
 * Withdraws permissions of a user. Unknown devices, withdrawn permissions and devices of other
 * tenants are ignored. `hints` suggest the tenant's device that was meant. Throws FORBIDDEN for a
 * user above the calling member.
 */
export async function withdrawPermissions(
  permit: Permit<'permission.remove'>,
  permission: PermissionKind,
  raw: PermissionsToWithdraw,
): Promise<{ user: User | null; modifiedPermissions: Permission[]; hints: Complaint[] }> {
  const { userIdentifier: identifier, deviceIdentifiers } = parse(input, raw);
  const picked = isUser(permit.tenantId, identifier);
  const named = resolveDevices(permit.tenantId, deviceItems(deviceIdentifiers));
  const {
    user: [user],
    misnamed,
    modifiedPermissions,
    withdrawn,
  } = await sparingSuperiors(permit.db, permit, fromUser(picked), 'userIdentifier').batch({
    user: selectUser(picked),
    misnamed: selectMisnamed(permit.tenantId, named),
    ...withdrawal(
      permit,
      'user',
      sql`${p.userId} = ${idOfUser(picked)} AND ${p.permission} = ${permission}
        AND ${p.deviceId} IN (SELECT r.dev FROM (${named}) r)`,
    ),
  });
  publishWithdrawn(permit.call, withdrawn);
  return {
    user: user ?? null,
    modifiedPermissions,
    hints: hintsOn(misnamed, deviceIdentifiers),
  };
}

const allInput = v.object({ deviceIdentifier });

/**
 * Withdraws both kinds from every user of a device, such as when a resident moves out. Throws
 * FORBIDDEN if one of them is above the calling member.
 */
export async function withdrawAllPermissions(
  permit: Permit<'permission.removeAll'>,
  raw: { deviceIdentifier: DeviceIdentifier },
): Promise<{ modifiedPermissions: Permission[]; hints: Complaint[] }> {
  const { deviceIdentifier: identifier } = parse(allInput, raw);
  const named = resolveDevices(permit.tenantId, deviceItems([identifier]));
  const fits = sql`${p.deviceId} = (SELECT r.dev FROM (${named}) r)`;
  const holders = sql`FROM ${source(p)} JOIN ${source(u)} ON ${u.id} = ${p.userId}
    WHERE ${fits} AND ${running(permit.now)}`;
  const {
    misnamed: [misnamed],
    modifiedPermissions,
    withdrawn,
  } = await sparingSuperiors(permit.db, permit, holders, 'deviceIdentifier').batch({
    misnamed: selectMisnamed(permit.tenantId, named),
    ...withdrawal(permit, 'device', fits),
  });
  publishWithdrawn(permit.call, withdrawn);
  return { modifiedPermissions, hints: hintsAt(['deviceIdentifier'], identifier, misnamed) };
}
