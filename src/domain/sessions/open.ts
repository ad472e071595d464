/** Opens sessions. The access token is shown only once. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, Refusal } from '../../base/faults.ts';
import type { IssuedCredential } from '../../base/issuer.ts';
import { nameText, parse } from '../../base/text.ts';
import { s, source, u } from '../../db/aliases.ts';
import { event, type Origin } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { sessions } from '../../db/schema.ts';
import { insert } from '../../db/statements.ts';
import { jsonListOf } from '../../db/subjects.ts';
import { makerOf } from '../callers/maker.ts';
import { factorRequired, isOpenable, type OpenedBy } from '../entities/factor.ts';
import { selectRecords } from '../entities/session.ts';
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
import type { Session } from './list.ts';
import { isLive } from './live.ts';
import { publish, publishEnds } from './publish.ts';
import { renewal } from './sliding-expiry.ts';

/** The most live sessions of a user. One more ends the least recently renewed. */
export const MAX_SESSIONS = 50;

export type OpenedSession = Session & { accessToken: string };

type SessionOrigin = NonNullable<Session['openedBy']>;

/** Whether whoever opens a session so is who then uses it: then their browser is told. */
const BY_ITS_USER = {
  KEY: false,
  PASSWORD: true,
  CODE: true,
  PASSKEY: true,
  SUPPORT: false,
} as const satisfies Record<SessionOrigin, boolean>;

/** How a session is opened. */
interface Opening {
  openedBy: OpenedBy;
  label?: string | null;
  /** The maker, if it is not the caller. */
  madeBy?: SQL;
}

/**
 * Inserts a session for the user `u` that fits, with its event, and ends sessions beyond the
 * maximum.
 */
export function insertSession(
  permit: Permit<string>,
  { id, hash, kind }: IssuedCredential,
  { openedBy, label = null, madeBy = sql`${makerOf(permit).madeBy}` }: Opening,
  fits: SQL,
) {
  const holder = sql`FROM ${source(u)}
    WHERE ${u.suspendedAt} IS NULL AND ${tenantExists(sql`${u.tenantId}`)}
      AND ${isOpenable(openedBy)} AND ${fits}`;
  const isTheirs = sql`${s.userId} = (SELECT ${u.id} ${holder})`;
  const surplus = sql`${s.id} IN (
    SELECT ${s.id} FROM ${source(s)} WHERE ${isTheirs} AND ${isLive(permit.now)}
    ORDER BY ${s.renewedAt} DESC, ${s.id} LIMIT -1 OFFSET ${MAX_SESSIONS - 1})`;
  return {
    // First: a tenant at its limit of sessions can then replace one.
    surplusEvent: endedEvent(permit, 'session.remove', surplus),
    ...withdrawSessions(permit, 'session', surplus, { ended: isTheirs, how: 'left' }),
    sessionInsertion: insert(
      sessions,
      {
        ...{ id, tenantId: u.tenantId, userId: u.id, hash, label, madeBy },
        ...{ openedBy, client: BY_ITS_USER[openedBy] ? permit.call.client : null },
        console: kind === 'con' ? 1 : 0,
        ...{ createdAt: permit.now, ...renewal(permit.now) },
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
      subject: { sessionIds: jsonListOf(s.id) },
    },
    sql`FROM ${source(s)} WHERE ${s.id} = ${id}`,
  );

export const suspendedUser: Complaint = {
  code: 'FORBIDDEN',
  path: ['userIdentifier'],
  message: 'This user is suspended and cannot have a session. Restore the user first.',
};

const input = v.object({ userIdentifier, label: v.nullish(nameText(100)) });

/**
 * Opens a session. The token is shown only once. Throws NOT_FOUND for an unknown user, FORBIDDEN
 * for a suspended one, and for a member whose company requires second factors.
 */
export async function openSession(
  permit: Permit<'session.add' | 'session.addForMember'>,
  raw: { userIdentifier: UserIdentifier; label?: string | null | undefined },
): Promise<{ user: User; session: OpenedSession }> {
  const { userIdentifier: identifier, label = null } = parse(input, raw);
  const { tenantId, now, db, call } = permit;
  const picked = isUser(tenantId, identifier);
  const credential = await call.issuer.issue('ses');
  const {
    ended,
    withdrawn,
    user: [user],
    rows,
  } = await db.batch({
    ...insertSession(permit, credential, { openedBy: 'KEY', label }, picked),
    user: selectUser(picked),
    rows: selectRecords(sql`${s.id} = ${credential.id}`, now),
  });
  if (!user) throw new Refusal(unknownUser(identifier));
  const [row] = rows;
  if (!row) throw new Refusal(user.suspendedAt === null ? factorRequired : suspendedUser);
  publish(call, [row], rows);
  publishEnds(call, ended, withdrawn);
  return {
    user,
    session: {
      id: row.id,
      label,
      createdAt: row.createdAt,
      lastActiveAt: row.renewedAt,
      expiresAt: row.expiresAt,
      openedBy: 'KEY',
      client: null,
      accessToken: credential.token,
    },
  };
}
