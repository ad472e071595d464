/**
 * What an app calls at every start: creates the user, the grants and a session if missing, in one
 * transaction.
 */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { anyToken } from '../../base/credential-advice.ts';
import { refuseAny, unauthenticated } from '../../base/faults.ts';
import { randomId } from '../../base/ids.ts';
import type { Credential } from '../../base/issuer.ts';
import { parse } from '../../base/text.ts';
import { s, source } from '../../db/aliases.ts';
import { returning, select, update } from '../../db/statements.ts';
import { type DeviceIdentifier, deviceIdentifiers, unknownDevice } from '../entities/device.ts';
import { factorRequired, isOpenable } from '../entities/factor.ts';
import type { Permission } from '../entities/permission.ts';
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
import { modifiedBy } from '../permissions/grant.ts';
import type { Permit } from '../permit.ts';
import { type Session, selectSessions } from '../sessions/list.ts';
import { hasToken, isLive } from '../sessions/live.ts';
import { insertSession, type OpenedSession, suspendedUser } from '../sessions/open.ts';
import { publish, publishEnds, publishUsers } from '../sessions/publish.ts';
import { isDue, renewal } from '../sessions/sliding-expiry.ts';
import { insertUser } from '../users/add.ts';
import { grantAll, isSound, type Lists, listsOf, selectFaults } from './lists.ts';

const input = v.object({
  userIdentifier,
  deviceIdentifiers: v.optional(deviceIdentifiers, []),
  chargingDeviceIdentifiers: v.optional(deviceIdentifiers, []),
  accessToken: v.nullish(anyToken),
});
type Wanted = v.InferOutput<typeof input>;

export interface AccessToEnsure {
  userIdentifier: UserIdentifier;
  deviceIdentifiers?: DeviceIdentifier[] | undefined;
  chargingDeviceIdentifiers?: DeviceIdentifier[] | undefined;
  /** Returned if it belongs to a live session of this user. Any other token counts as none. */
  accessToken?: string | null | undefined;
}

export interface EnsuredAccess {
  user: User;
  session: OpenedSession;
  userCreated: boolean;
  sessionCreated: boolean;
  modifiedPermissions: Permission[];
}

/** Presenting a token counts as activity, whatever the answer. */
const slideShown = ({ tenantId, now }: Permit<string>, presented: Credential | null) =>
  returning(
    update(
      s,
      renewal(now),
      sql`WHERE ${hasToken(presented)} AND ${s.tenantId} = ${tenantId} AND ${isDue(now)}`,
    ),
    { id: s.id },
  );

/**
 * Creates what is missing: the user, a session and permissions. Throws NOT_FOUND for a device that
 * is not the tenant's or an unknown member, FORBIDDEN for a suspended user, and for a member whose
 * company requires second factors.
 */
export async function ensureAccess(
  permit: Permit<'access.ensure' | 'access.ensureForMember'>,
  raw: AccessToEnsure,
): Promise<EnsuredAccess> {
  const wanted = parse(input, raw);
  const { userIdentifier: identifier } = wanted;
  const { tenantId, now, db, call } = permit;
  const picked = isUser(tenantId, identifier);
  const userId = idOfUser(picked);
  const lists = listsOf(tenantId, wanted);

  const newUserId = randomId();
  const presented =
    wanted.accessToken == null
      ? null
      : await call.issuer.verifyCached(wanted.accessToken, call.now);
  const shown = sql`${hasToken(presented)} AND ${s.userId} = ${userId} AND ${isLive(now)}`;
  const minted = await call.issuer.issue('ses');
  const isShown = sql`EXISTS (SELECT 1 FROM ${source(s)} WHERE ${shown})`;
  const lacksFactor = sql`EXISTS (
    SELECT 1 ${fromUser(picked)} AND NOT ${isOpenable('KEY')} AND NOT ${isShown})`;
  const sound = sql`${isSound(lists, picked)} AND NOT ${lacksFactor}`;

  const written = await db.batch({
    faults: selectFaults(tenantId, lists),
    lacking: select({ lacks: sql<0 | 1>`1` }, sql`${fromUser(picked)} AND ${lacksFactor}`),
    ...insertUser(
      permit,
      newUserId,
      identifier.externalUser?.externalId ?? '',
      // This call never creates a member.
      identifier.externalUser ? sound : sql`${0}`,
    ),
    grants: grantAll(permit, lists, sql`${picked} AND ${sound}`),
    ...modifiedBy(permit, userId),
    slid: slideShown(permit, presented),
    ...insertSession(
      permit,
      minted,
      { openedBy: 'KEY' },
      sql`${picked} AND ${sound} AND NOT ${isShown}`,
    ),
    user: selectUser(picked),
    session: selectSessions(sql`${s.id} = ${minted.id} OR (${shown})`),
  });
  publish(call, written.slid);
  const { user, session } = expectSound(wanted, written);
  const { modifiedPermissions } = written;
  const sessionCreated = session.id === minted.id;
  publishEnds(call, written.ended, written.withdrawn);
  // If grants changed, publishes all sessions of the user, including the new one. KV accepts one
  // write per second and key.
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

interface Written {
  faults: { list: keyof Lists; item: number; meant: string | null }[];
  /** A row if the user is a member who needs a second factor. */
  lacking: object[];
  user: User[];
  session: Session[];
}

/** The user and the session. Throws what prevented the call. */
function expectSound(wanted: Wanted, written: Written): { user: User; session: Session } {
  const [user] = written.user;
  const [session] = written.session;
  const { userIdentifier: identifier } = wanted;
  refuseAny([
    ...written.faults.map(({ list, item, meant }) =>
      unknownDevice([list, String(item)], wanted[list][item] ?? {}, { meant }),
    ),
    ...(user?.suspendedAt == null ? [] : [suspendedUser]),
    ...written.lacking.map(() => factorRequired),
    ...(user || identifier.externalUser ? [] : [unknownUser(identifier)]),
  ]);
  // Only a removed tenant accepts no users. Its key stays cached for some seconds.
  if (!user || !session) throw unauthenticated(true);
  return { user, session };
}
