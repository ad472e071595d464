/** Reset tokens, with which a member sets a first or a new password. */
import { type SQL, sql } from 'drizzle-orm';
import { Refusal, refuseAny } from '../../base/faults.ts';
import type { IssuedCredential } from '../../base/issuer.ts';
import { DAY } from '../../base/time.ts';
import { aliased, k, pw, rt, s, source, u, us } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { complaintsOf, type Guard, passes, selectVerdicts } from '../../db/guards.ts';
import { passwords, resetTokens, userStations, users } from '../../db/schema.ts';
import { assignments, excluded, insert, onConflict, select, update } from '../../db/statements.ts';
import { capOf } from '../callers/cap.ts';
import { callerUserId } from '../callers/level.ts';
import { makerOf } from '../callers/maker.ts';
import { isAbove } from '../callers/superiors.ts';
import { notFound, SEES_MORE, seesMore } from '../callers/visibility.ts';
import { works } from '../entities/key.ts';
import { isMarkedToEnd } from '../entities/marked.ts';
import { idOfUser } from '../entities/user.ts';
import { invitation, resetRequest } from '../mail/letters.ts';
import { type Recipient, recipientsIn, write } from '../mail/recipient.ts';
import { hasPassword, voidResets } from '../passwords/void.ts';
import type { Permit } from '../permit.ts';
import { hasId, userAboveYou } from './member.ts';

/**
 * How long a token works, in milliseconds: for members with a password, and as an invitation for
 * members without one.
 */
export const RESET_MS = DAY;
export const INVITATION_MS = 7 * DAY;

/** The issuer of a token, and the issuer's stations. */
const issuer = aliased(users, 'issuer');
const mine = aliased(userStations, 'mine');

/** Whether the issuer sees all stations of the user `u`. */
const seesAllOf = sql`(${issuer.memberLevel} = 1 OR NOT EXISTS (
  SELECT 1 FROM ${source(us)} WHERE ${us.userId} = ${u.id} AND NOT EXISTS (
    SELECT 1 FROM ${source(mine)}
    WHERE ${mine.userId} = ${issuer.id} AND ${mine.stationId} = ${us.stationId})))`;

/** Whether somebody asked for the reset token `rt` by mail. Then nobody issued it. */
export const isAsked = sql`(${rt.keyId} IS NULL AND ${rt.sessionId} IS NULL)`;

/**
 * Whether the issuer of the reset token `rt` could still issue it for the user `u` and the same
 * address. For a key: it is valid. For a member: the account is active, the level and the stations
 * suffice, and nobody else has ended the session. One that somebody asked for depends on the
 * address alone.
 */
export const isStillIssuable = (now: number): SQL => sql`(${rt.email} = ${u.email} AND (
  ${isAsked}
  OR EXISTS (SELECT 1 FROM ${source(k)} WHERE ${k.id} = ${rt.keyId} AND ${works(now)})
  OR EXISTS (
    SELECT 1 FROM ${source(s)} JOIN ${source(issuer)} ON ${issuer.id} = ${s.userId}
    WHERE ${s.id} = ${rt.sessionId} AND ${s.withdrawn} = 0 AND NOT ${isMarkedToEnd}
      AND ${issuer.suspendedAt} IS NULL AND ${issuer.memberLevel} <= min(2, ${u.memberLevel})
      AND ${seesAllOf})))`;

/** The credential of a call. */
const credentialOf = ({ caller }: Permit<string>) => ({
  keyId: caller.kind === 'key' ? caller.key.id : null,
  sessionId: 'session' in caller ? caller.session.id : null,
});

/**
 * The guards of a change of how the user `u` signs in. `own`: what to do instead, told to whoever
 * names itself.
 */
export const guardsOfAccess = (
  permit: Permit<'member.resetPassword' | 'member.removeFactors'>,
  own: string,
): Guard[] => [
  { when: isAbove(permit), complaint: userAboveYou },
  {
    when: sql`${u.memberLevel} IS NULL`,
    complaint: { code: 'INVALID', path: ['id'], message: 'An end user has no password.' },
  },
  {
    when: sql`${u.id} = ${callerUserId(permit)}`,
    complaint: {
      code: 'FORBIDDEN',
      path: ['id'],
      message: `This is you. ${own}`,
    },
  },
  {
    when: sql`${u.suspendedAt} IS NOT NULL`,
    complaint: {
      code: 'FORBIDDEN',
      path: ['id'],
      message: 'This user is disabled. Set "status" to 1 first.',
    },
  },
  {
    when: seesMore(permit),
    complaint: { code: 'FORBIDDEN', path: ['id'], message: SEES_MORE },
  },
];

/** When a token for the user `u` expires. */
const endOf = (now: number): SQL => sql`
  ${now} + iif(${hasPassword(u.id)}, ${RESET_MS}, ${INVITATION_MS})`;

/**
 * The insertion of a token that the caller issues for the users `u` that fit. It works until
 * `endsAt`.
 */
export const insertReset = (
  permit: Permit<'member.add' | 'member.resetPassword'>,
  { id, hash }: IssuedCredential,
  endsAt: SQL,
  fits: SQL,
): Statement =>
  insert(
    resetTokens,
    {
      ...{ id, tenantId: u.tenantId, userId: u.id, hash, email: u.email, endsAt },
      ...credentialOf(permit),
      ...makerOf(permit),
      cap: capOf(permit),
    },
    sql`FROM ${source(u)} WHERE ${fits}`,
  );

/** A token on its way to the member: by mail, or shown to whoever made it. */
export type Handover = { mailed: true } | { mailed: false; resetToken: string };

/** Sends a token to the member. If that does not work, the caller hands it over. */
export async function handOver(
  { call }: Permit<'member.add' | 'member.resetPassword'>,
  { token }: IssuedCredential,
  recipient: Recipient | undefined,
  letter: typeof invitation,
): Promise<Handover> {
  const { mail } = call;
  if (mail && recipient) {
    const { name, company } = recipient;
    const mailed = await write(call, mail, recipient, letter(mail, name, { company, token }));
    if (mailed) return { mailed };
  }
  return { mailed: false, resetToken: token };
}

/**
 * Issues a token that sets a password once: within a day, or within a week if there is no password
 * yet. Voids the issued token before it. It is mailed, or shown this once. Throws NOT_FOUND for a
 * user that the caller does not see. Throws FORBIDDEN for the caller, and for a user who is above
 * the caller, disabled, or has stations that the caller does not see. Throws INVALID for an end
 * user.
 */
export async function issueReset(
  permit: Permit<'member.resetPassword'>,
  id: number,
): Promise<Handover> {
  const { now, change, db, call } = permit;
  const picked = hasId(permit, id);
  const guards = guardsOfAccess(permit, 'Change your password with PATCH /user/me.');
  const token = await call.issuer.issue('rst');
  const resettable = sql`${picked} AND ${passes(guards)}`;
  const issued = sql`FROM ${source(rt)} WHERE ${rt.id} = ${token.id}`;
  const {
    verdicts,
    recipients = [],
    issuance,
  } = await db.batch({
    verdicts: selectVerdicts(guards, sql`FROM ${source(u)} WHERE ${picked}`),
    former: voidResets(idOfUser(resettable), sql`NOT ${isAsked}`),
    reset: insertReset(permit, token, endOf(now), resettable),
    // Whoever has no bounds answers for the member from now on.
    ...(capOf(permit) === null && {
      freeing: update(u, { cap: null }, sql`WHERE ${resettable} AND ${u.cap} IS NOT NULL`),
    }),
    issuance: select({ endsAt: rt.endsAt }, issued),
    mark: insert(
      passwords,
      { userId: rt.userId, resetRequired: 1, changeId: change },
      sql`${issued} ${onConflict(pw.userId)} DO UPDATE
        SET ${assignments(pw, { resetRequired: 1, changeId: excluded(pw.changeId) })}`,
    ),
    event: event(permit, { action: permit.action, user: sql`${rt.userId}` }, issued),
    ...recipientsIn(call, sql`(SELECT ${rt.userId} ${issued})`),
  });
  if (verdicts.length === 0) throw new Refusal(notFound('user'));
  refuseAny(complaintsOf(guards, verdicts));
  const isInvitation = (issuance[0]?.endsAt ?? 0) - now > RESET_MS;
  return handOver(permit, token, recipients[0], isInvitation ? invitation : resetRequest);
}
