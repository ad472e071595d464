/** Grants devices to a user: all or nothing, in one round trip. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuseAny } from '../../base/faults.ts';
import { future, parse } from '../../base/text.ts';
import { d, p, source, u } from '../../db/aliases.ts';
import { event, type Origin } from '../../db/commit.ts';
import { permissions } from '../../db/schema.ts';
import { assignments, excluded, insert, onConflict, select } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
import { sparingSuperiors } from '../callers/superiors.ts';
import {
  type DeviceIdentifier,
  deviceItems,
  resolveDevices,
  selectMisnamed,
  someDeviceIdentifiers,
  unknownDevice,
} from '../entities/device.ts';
import {
  isAtHand,
  type Permission,
  type PermissionKind,
  permissionColumns,
  running,
  runsOn,
} from '../entities/permission.ts';
import {
  fromUser,
  idOfUser,
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  unknownUser,
  userIdentifier,
} from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { publishUsers, publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';

const input = (now: number) =>
  v.object({
    userIdentifier,
    deviceIdentifiers: someDeviceIdentifiers,
    expiresAt: v.nullish(future(now)),
  });

export interface Grant {
  userIdentifier: UserIdentifier;
  deviceIdentifiers: DeviceIdentifier[];
  /** Absent: a running grant keeps its end, and a new one has none. Null: no end. */
  expiresAt?: number | null | undefined;
}

/**
 * ON CONFLICT for an INSERT of permissions. An expired permission starts again with the new end. A
 * running one gets the new end if `moves` is true.
 */
export const orRenew = (now: number, moves: SQL): SQL => {
  const { userId, deviceId, permission, expiresAt, changeId } = permissions;
  return sql`
    ${onConflict(userId, deviceId, permission)} DO UPDATE SET ${assignments(permissions, {
      expiresAt: excluded(expiresAt),
      changeId: excluded(changeId),
    })}
    WHERE ${expiresAt} <= ${now} OR (${moves} AND ${expiresAt} IS NOT ${excluded(expiresAt)})`;
};

/**
 * The permissions of users that this call granted, by its change id: their events, one for each
 * kind and end, and their rows.
 */
export function modifiedBy(origin: Origin, userIds: SQL) {
  const modified = sql`
    FROM ${source(p)} JOIN ${source(d)} ON ${d.deviceId} = ${p.deviceId}
    WHERE ${p.userId} IN ${userIds} AND ${p.changeId} = ${origin.change}`;
  return {
    grantEvent: event(
      origin,
      {
        action: 'permission.add',
        user: p.userId,
        subject: {
          ...{ permission: p.permission, deviceIds: jsonList(p.deviceId) },
          expiresAt: p.expiresAt,
        },
      },
      sql`${modified} GROUP BY ${p.userId}, ${p.permission}, ${p.expiresAt}`,
    ),
    modifiedPermissions: select(
      permissionColumns,
      sql`${modified} ORDER BY ${p.permission} DESC, ${p.deviceId}`,
    ),
  };
}

interface Granting {
  /** A query for the running permission `p` of the user on the device of a row `r`. */
  held: SQL;
  /** The rows `r`: the named devices. */
  named: SQL;
  expiresAt: number | null | undefined;
}

/**
 * Conditions before the change: whether all devices exist, whether a permission is shortened, and
 * whether the call only ends permissions.
 */
function conditionsOf(now: number, { held, named, expiresAt }: Granting) {
  const end = expiresAt ?? null;
  const isSound = sql`NOT EXISTS (SELECT 1 FROM (${named}) r WHERE r.dev IS NULL)`;
  const longer = sql`(${p.expiresAt} IS NULL OR ${p.expiresAt} > ${end})`;
  const cutsShort = sql`${end === null ? 0 : 1}
    AND EXISTS (SELECT 1 FROM (${named}) r WHERE EXISTS (${held} AND ${longer})) AND ${isSound}`;
  // It ends some that would have run on, and extends none.
  const ends = sql`${isAtHand(expiresAt, now)} AND ${cutsShort}
    AND EXISTS (SELECT 1 FROM (${named}) r WHERE EXISTS (${held} AND ${runsOn(now)}))
    AND NOT EXISTS (
      SELECT 1 FROM (${named}) r
      WHERE NOT EXISTS (${held} AND (${longer} OR ${p.expiresAt} = ${end})))`;
  return { isSound, cutsShort, ends };
}

/**
 * `modifiedPermissions` are those that this call changed. Throws NOT_FOUND for a user or a device
 * that is not the tenant's, FORBIDDEN for a user above the calling member. Then nothing is granted.
 */
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
  const held = sql`
    SELECT 1 FROM ${source(p)} WHERE ${p.userId} = ${idOfUser(picked)} AND ${p.deviceId} = r.dev
      AND ${p.permission} = ${permission} AND ${running(now)}`;
  const { isSound, cutsShort, ends } = conditionsOf(now, { held, named, expiresAt });
  const {
    user: [user],
    faulty,
    modifiedPermissions,
    withdrawn,
  } = await sparingSuperiors(
    permit.endingIf(ends),
    permit,
    fromUser(picked),
    'userIdentifier',
  ).batch({
    user: selectUser(picked),
    faulty: selectMisnamed(tenantId, named),
    withdrawn: withdrawLive(permit, 'user', idOfUser(sql`${picked} AND ${cutsShort}`)),
    insertion: insert(
      permissions,
      {
        ...{ userId: u.id, deviceId: sql`r.dev`, permission, expiresAt: expiresAt ?? null },
        ...{ changeId: change, tenantId: u.tenantId },
      },
      sql`FROM (SELECT DISTINCT dev FROM (${named})) r, ${source(u)} WHERE ${picked} AND ${isSound}
        ${orRenew(now, sql`${expiresAt === undefined ? 0 : 1}`)}`,
    ),
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
