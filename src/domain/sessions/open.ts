/** Opening a session, whose access token is shown this once. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, Refusal } from '../../base/faults.ts';
import type { IssuedCredential } from '../../base/issuer.ts';
import { nameText, parse } from '../../base/text.ts';
import { event, type Origin } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';
import { makerOf } from '../made/maker.ts';
import type { Permit } from '../permit.ts';
import { tenantExists } from '../tenant.ts';
import {
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  unknownUser,
  userIdentifier,
} from '../users/user.ts';
import { endedEvent, withdrawSessions } from './end.ts';
import type { Session } from './list.ts';
import { isLive } from './live.ts';
import { publish, publishEnds } from './publish.ts';
import { selectRecords } from './record.ts';
import { renewal } from './slide.ts';

/** One more ends the least recently renewed. */
export const MAX_SESSIONS = 50;

export type OpenedSession = Session & { accessToken: string };

/**
 * The insertion of a session for the user `u` that fits, its event, and the end of what is over the
 * cap. `madeBy`: what opens it, where that is not the caller.
 */
export function insertSession(
  permit: Permit<string>,
  { id, hash }: IssuedCredential,
  label: string | null,
  fits: SQL,
  madeBy = sql`${makerOf(permit).madeBy}`,
) {
  const { renewedAt, renewAfter, expiresAt } = renewal(permit.now);
  const holder = sql`FROM users u WHERE u.suspended_at IS NULL AND ${tenantExists(sql`u.tenant_id`)} AND ${fits}`;
  const surplus = sql`s.id IN (
    SELECT s.id FROM sessions s WHERE s.user_id = (SELECT u.id ${holder}) AND ${isLive(permit.now)}
    ORDER BY s.renewed_at DESC, s.id LIMIT -1 OFFSET ${MAX_SESSIONS - 1})`;
  return {
    // First, so that a tenant that may have no more sessions can have another one in its place.
    surplusEvent: endedEvent(permit, 'session.remove', surplus),
    ...withdrawSessions(permit, 'session', surplus, {
      ended: sql`s.user_id = (SELECT u.id ${holder})`,
      how: 'left',
    }),
    sessionInsertion: statement(sql`
      INSERT INTO sessions (id, tenant_id, user_id, hash, label, created_at, renewed_at, renew_after, expires_at, made_by)
      SELECT ${id}, u.tenant_id, u.id, ${hash}, ${label}, ${permit.now}, ${renewedAt}, ${renewAfter}, ${expiresAt}, ${madeBy}
      ${holder}`),
    sessionEvent: addedEvent(permit, id),
  };
}

const addedEvent = (origin: Origin, id: string): Statement =>
  event(
    origin,
    {
      action: 'session.add',
      user: sql`user_id`,
      subject: sql`json_object('sessionIds', json_array(id))`,
    },
    sql`FROM sessions WHERE id = ${id}`,
  );

export const suspendedUser: Complaint = {
  code: 'FORBIDDEN',
  path: ['userIdentifier'],
  message: 'This user is suspended and cannot have a session. Restore the user first.',
};

const input = v.object({ userIdentifier, label: v.nullish(nameText(100)) });

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
    ...insertSession(permit, credential, label, picked),
    user: selectUser(picked),
    rows: selectRecords(sql`s.id = ${credential.id}`, now),
  });
  if (!user) throw new Refusal(unknownUser(identifier));
  const [row] = rows;
  if (!row) throw new Refusal(suspendedUser);
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
      accessToken: credential.token,
    },
  };
}
