/** Opens sessions. The access token is shown only once. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, Refusal } from '../../base/faults.ts';
import type { IssuedCredential } from '../../base/issuer.ts';
import { nameText, parse } from '../../base/text.ts';
import { pw, s, source, u } from '../../db/aliases.ts';
import { event, type Origin } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { sessions } from '../../db/schema.ts';
import { insert } from '../../db/statements.ts';
import { jsonBoolean, jsonListOf } from '../../db/subjects.ts';
import { capOfSession } from '../callers/cap.ts';
import { makerOf } from '../callers/maker.ts';
import { factorRequired, isOpenable, type OpenedBy } from '../entities/factor.ts';
import { selectRecords } from '../entities/session.ts';
import { isSupport } from '../entities/support.ts';
import { tenantExists } from '../entities/tenant.ts';
import {
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  unknownUser,
  userIdentifier,
} from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { endedEvent, withdrawSessions } from './end.ts';
import { type Session, selectSessions } from './list.ts';
import { isLive } from './live.ts';
import { publish, publishEnds } from './publish.ts';
import { renewal } from './sliding-expiry.ts';

/** The most live sessions of a user. One more ends the least recently renewed. */
export const MAX_SESSIONS = 50;
/** The most live support sessions of a user, besides. One more ends the oldest. */
const MAX_SUPPORT = 5;
/** All live sessions that a user can have. */
export const MAX_LIVE = MAX_SESSIONS + MAX_SUPPORT;

export type OpenedSession = Session & { accessToken: string };

/**
 * Whether whoever opens a session so is who then uses it. Then their browser is told, and the
 * session counts as made by what set the password, also if a passkey opened it: it ends with that.
 */
const BY_ITS_USER = {
  KEY: false,
  PASSWORD: true,
  CODE: true,
  PASSKEY: true,
  SUPPORT: false,
} as const satisfies Record<OpenedBy, boolean>;

const whatSetPassword = sql`(SELECT ${pw.setBy} FROM ${source(pw)} WHERE ${pw.userId} = ${u.id})`;

/** How a session is opened. */
interface Opening {
  openedBy: OpenedBy;
  label?: string | null | undefined;
  /** Of a support session. Nothing moves its end. */
  support?: Support;
}

/** `permissions`: a JSON list. Who acts has a name, or is a member. */
type Support = Pick<
  typeof sessions.$inferSelect,
  'actor' | 'reason' | 'actorUserId' | 'permissions' | 'expiresAt'
>;

/**
 * Sessions that make room for one more: the least recently renewed of those in `isTheirs`. Support
 * sessions and the others do not push each other out.
 */
const surplusOf = (isTheirs: SQL, now: number, support: Support | undefined): SQL => sql`
  ${s.id} IN (
    SELECT ${s.id} FROM ${source(s)} WHERE ${isTheirs} AND ${isLive(now)}
      AND ${support ? isSupport : sql`${s.openedBy} IS NOT 'SUPPORT'`}
    ORDER BY ${s.renewedAt} DESC, ${s.id}
    LIMIT -1 OFFSET ${(support ? MAX_SUPPORT : MAX_SESSIONS) - 1})`;

/** The times of a new session. The renewal of a support session would be due when it has ended. */
const timesOf = (now: number, support: Support | undefined) =>
  support
    ? { renewedAt: now, renewAfter: support.expiresAt, expiresAt: support.expiresAt }
    : renewal(now);

/**
 * Inserts a session for the user `u` that fits, with its event, and ends sessions beyond the
 * maximum.
 */
export function insertSession(
  permit: Permit<string>,
  { id, hash, kind }: IssuedCredential,
  { openedBy, label = null, support }: Opening,
  fits: SQL,
) {
  const holder = sql`FROM ${source(u)}
    WHERE ${u.suspendedAt} IS NULL AND ${tenantExists(sql`${u.tenantId}`)}
      AND ${isOpenable(openedBy)} AND ${fits}`;
  const isTheirs = sql`${s.userId} = (SELECT ${u.id} ${holder})`;
  const surplus = surplusOf(isTheirs, permit.now, support);
  return {
    // First: a tenant at its limit of sessions can then replace one.
    surplusEvent: endedEvent(permit, 'session.remove', surplus),
    ...withdrawSessions(permit, 'session', surplus, { ended: isTheirs, how: 'left' }),
    sessionInsertion: insert(
      sessions,
      {
        ...{ id, tenantId: u.tenantId, userId: u.id, hash, label, openedBy },
        ...(BY_ITS_USER[openedBy]
          ? { madeBy: whatSetPassword, client: permit.call.client }
          : { madeBy: makerOf(permit).madeBy, client: null }),
        cap: capOfSession(permit),
        console: kind === 'con' ? 1 : 0,
        ...{ createdAt: permit.now, ...timesOf(permit.now, support), ...support },
      },
      holder,
    ),
    sessionEvent: addedEvent(permit, id),
  };
}

const addedEvent = (origin: Origin, id: string): Statement =>
  event(
    origin,
    {
      action: 'session.add',
      user: s.userId,
      subject: { sessionIds: jsonListOf(s.id), forSupport: jsonBoolean(isSupport) },
    },
    sql`FROM ${source(s)} WHERE ${s.id} = ${id}`,
  );

export const suspendedUser: Complaint = {
  code: 'FORBIDDEN',
  path: ['userIdentifier'],
  message: 'This user is suspended and cannot have a session. Restore the user first.',
};

export const openingInput = v.object({ userIdentifier, label: v.nullish(nameText(100)) });

export interface SessionToOpen {
  userIdentifier: UserIdentifier;
  label?: string | null | undefined;
}

/**
 * Opens a session. The token is shown only once. Throws NOT_FOUND for an unknown user, FORBIDDEN
 * for a suspended one, and for a member whose company requires second factors.
 */
export async function openSession(
  permit: Permit<'session.add' | 'session.addForMember'>,
  raw: SessionToOpen,
): Promise<{ user: User; session: OpenedSession }> {
  const { userIdentifier: identifier, label } = parse(openingInput, raw);
  const { tenantId, now, db, call } = permit;
  const picked = isUser(tenantId, identifier);
  const credential = await call.issuer.issue('ses');
  const {
    ended,
    withdrawn,
    user: [user],
    opened: [session],
    rows,
  } = await db.batch({
    ...insertSession(permit, credential, { openedBy: 'KEY', label }, picked),
    user: selectUser(picked),
    rows: selectRecords(sql`${s.id} = ${credential.id}`, now),
    opened: selectSessions(sql`${s.id} = ${credential.id}`),
  });
  if (!user) throw new Refusal(unknownUser(identifier));
  if (!session) throw new Refusal(user.suspendedAt === null ? factorRequired : suspendedUser);
  publish(call, [session], rows);
  publishEnds(call, ended, withdrawn);
  return { user, session: { ...session, accessToken: credential.token } };
}
