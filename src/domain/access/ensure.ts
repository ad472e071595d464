/** What an app does at every start, in one atomic call: the user, the grants and a session are there afterwards. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuseAny, unauthenticated } from '../../base/faults.ts';
import { randomId } from '../../base/ids.ts';
import { tokenField } from '../../base/presented.ts';
import { parse } from '../../base/text.ts';
import { statement } from '../../db/connect.ts';
import {
  type DeviceIdentifier,
  deviceIdentifiers,
  deviceItems,
  type Meant,
  meantDevice,
  resolveDevices,
  unknownDevice,
} from '../devices/device.ts';
import { modifiedBy } from '../permissions/grant.ts';
import type { Permission } from '../permissions/permission.ts';
import type { Permit } from '../permit.ts';
import { type Session, sessionColumns } from '../sessions/list.ts';
import { hasToken, isLive } from '../sessions/live.ts';
import { insertSession, type OpenedSession, suspendedUser } from '../sessions/open.ts';
import { publish, publishEnds, publishUsers } from '../sessions/publish.ts';
import { isDue, renewed } from '../sessions/slide.ts';
import { insertUser } from '../users/add.ts';
import {
  idOfUser,
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  unknownUser,
  userIdentifier,
} from '../users/user.ts';

const input = v.object({
  userIdentifier,
  deviceIdentifiers: v.optional(deviceIdentifiers, []),
  chargingDeviceIdentifiers: v.optional(deviceIdentifiers, []),
  accessToken: v.nullish(tokenField('ses')),
});

export interface AccessToEnsure {
  userIdentifier: UserIdentifier;
  deviceIdentifiers?: DeviceIdentifier[] | undefined;
  chargingDeviceIdentifiers?: DeviceIdentifier[] | undefined;
  /** Comes back if it is a live session of this very user. Any other token counts as none. */
  accessToken?: string | null | undefined;
}

export interface EnsuredAccess {
  user: User;
  session: OpenedSession;
  userCreated: boolean;
  sessionCreated: boolean;
  modifiedPermissions: Permission[];
}

export async function ensureAccess(
  permit: Permit<'access.ensure' | 'access.ensureForMember'>,
  raw: AccessToEnsure,
): Promise<EnsuredAccess> {
  const wanted = parse(input, raw);
  const { userIdentifier: identifier } = wanted;
  const { tenantId, now, change, db, call } = permit;
  const picked = isUser(tenantId, identifier);
  const userId = idOfUser(picked);
  const lists = {
    deviceIdentifiers: resolveDevices(tenantId, deviceItems(wanted.deviceIdentifiers)),
    chargingDeviceIdentifiers: resolveDevices(
      tenantId,
      deviceItems(wanted.chargingDeviceIdentifiers),
    ),
  };
  const faulty = (list: keyof typeof lists): SQL =>
    sql`SELECT ${list} AS list, item, value FROM (${lists[list]}) WHERE dev IS NULL`;
  const sound = sql`NOT EXISTS (${faulty('deviceIdentifiers')}) AND NOT EXISTS (${faulty('chargingDeviceIdentifiers')})
    AND NOT EXISTS (SELECT 1 FROM users u WHERE ${picked} AND u.suspended_at IS NOT NULL)`;

  const newUserId = randomId();
  const presented =
    wanted.accessToken == null ? null : await call.issuer.recognise(wanted.accessToken, call.now);
  const shown = sql`${hasToken(presented)} AND s.user_id = ${userId} AND ${isLive(now)}`;
  const minted = await call.issuer.issue('ses');

  const {
    faults,
    slid,
    ended,
    withdrawn,
    user: [user],
    modifiedPermissions,
    session: [session],
  } = await db.batch({
    faults: statement<Meant & { list: keyof typeof lists; item: number }>(sql`
      SELECT list, item, ${meantDevice(tenantId)} AS meant FROM (
        ${faulty('deviceIdentifiers')} UNION ALL ${faulty('chargingDeviceIdentifiers')}) r`),
    ...insertUser(
      permit,
      newUserId,
      identifier.externalUser?.externalId ?? '',
      // Members are never created here.
      identifier.externalUser ? sound : sql`${0}`,
    ),
    grants: statement(sql`
      INSERT INTO permissions (user_id, device_id, permission, expires_at, change_id, tenant_id)
      SELECT u.id, r.dev, r.permission, NULL, ${change}, u.tenant_id FROM (
        SELECT dev, 'VIEW' AS permission FROM (${lists.deviceIdentifiers})
        UNION SELECT dev, 'CHARGE' FROM (${lists.chargingDeviceIdentifiers})) r, users u
      WHERE ${picked} AND ${sound}
      ON CONFLICT (user_id, device_id, permission) DO UPDATE SET expires_at = NULL, change_id = excluded.change_id
      WHERE permissions.expires_at <= ${now}`),
    ...modifiedBy(permit, userId),
    // Showing a token is activity, whatever the answer.
    slid: statement<{ id: string }>(sql`
      UPDATE sessions AS s SET ${renewed(now)}
      WHERE ${hasToken(presented)} AND s.tenant_id = ${tenantId} AND ${isDue(now)} RETURNING id`),
    ...insertSession(
      permit,
      minted,
      null,
      sql`${picked} AND ${sound} AND NOT EXISTS (SELECT 1 FROM sessions s WHERE ${shown})`,
    ),
    user: selectUser(picked),
    session: statement<Session>(
      sql`SELECT ${sessionColumns} FROM sessions s WHERE s.id = ${minted.id} OR (${shown})`,
    ),
  });
  publish(call, slid);
  refuseAny([
    ...faults.map(({ list, item, meant }) =>
      unknownDevice([list, String(item)], wanted[list][item] ?? {}, { meant }),
    ),
    ...(user?.suspendedAt == null ? [] : [suspendedUser]),
    ...(user || identifier.externalUser ? [] : [unknownUser(identifier)]),
  ]);
  // Only a removed tenant takes no users; its key is remembered for some seconds more.
  if (!user || !session) throw unauthenticated(true);
  const sessionCreated = session.id === minted.id;
  publishEnds(call, ended, withdrawn);
  // Of all sessions of the user where grants changed, the new one among them; KV takes one write a second for a key.
  if (modifiedPermissions.length > 0) publishUsers(call, [user.id]);
  else if (sessionCreated) publish(call, [session]);
  const accessToken = sessionCreated ? minted.token : (wanted.accessToken ?? '');
  return {
    user,
    session: { ...session, accessToken },
    userCreated: user.id === newUserId,
    sessionCreated,
    modifiedPermissions,
  };
}
