/** Reset tokens: how a member comes by a first password, or by a new one. */

import { type SQL, sql } from 'drizzle-orm';
import { Refusal, refuseAny } from '../../base/faults.ts';
import { DAY } from '../../base/time.ts';
import { k, named, pw, rt, s, source, st, u, us } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { clear, complaintsOf, type Guard, judge } from '../../db/guards.ts';
import { passwords, resetTokens, userStations, users } from '../../db/schema.ts';
import { assignments, excluded, insert, onConflict } from '../../db/statements.ts';
import { levelOf, userOf } from '../callers/level.ts';
import { makerOf } from '../callers/maker.ts';
import { seen, unknown } from '../callers/visibility.ts';
import { works } from '../entities/key.ts';
import { isMarked } from '../entities/marked.ts';
import { idOfUser } from '../entities/user.ts';
import { hasPassword, voidResets } from '../passwords/void.ts';
import type { Permit } from '../permit.ts';
import { hasId, userAboveYou } from './member.ts';

/**
 * How long a token works: for whoever has a password, and as an invitation for whoever has none.
 */
const RESET_MS = DAY;
const INVITATION_MS = 7 * DAY;

/** Who made a token, and what they see. */
const issuer = named(users, 'issuer');
const mine = named(userStations, 'mine');

/** Whether the issuer sees all stations of the user `u`. */
const seesAllOf = sql`(${issuer.memberLevel} = 1 OR NOT EXISTS (
  SELECT 1 FROM ${source(us)} WHERE ${us.userId} = ${u.id} AND NOT EXISTS (
    SELECT 1 FROM ${source(mine)}
    WHERE ${mine.userId} = ${issuer.id} AND ${mine.stationId} = ${us.stationId})))`;

/**
 * Whether the reset token `rt` for the user `u` could still be made, for the same address, by who
 * made it: the key works; the member has the level, the sight and an active account, and nobody
 * else has ended the session.
 */
export const isStillIssuable = (now: number): SQL => sql`(${rt.email} = ${u.email} AND (
  EXISTS (SELECT 1 FROM ${source(k)} WHERE ${k.id} = ${rt.keyId} AND ${works(now)})
  OR EXISTS (
    SELECT 1 FROM ${source(s)} JOIN ${source(issuer)} ON ${issuer.id} = ${s.userId}
    WHERE ${s.id} = ${rt.sessionId} AND ${s.withdrawn} = 0 AND NOT ${isMarked}
      AND ${issuer.suspendedAt} IS NULL AND ${issuer.memberLevel} <= min(2, ${u.memberLevel})
      AND ${seesAllOf})))`;

/** The very credential of a call. */
const credentialOf = ({ caller }: Permit<string>) => ({
  keyId: caller.kind === 'key' ? caller.key.id : null,
  sessionId: 'session' in caller ? caller.session.id : null,
});

const guardsOf = (permit: Permit<'member.resetPassword'>): Guard[] => [
  { when: sql`${u.memberLevel} < ${levelOf(permit)}`, complaint: userAboveYou },
  {
    when: sql`${u.memberLevel} IS NULL`,
    complaint: { code: 'INVALID', path: ['id'], message: 'An end user has no password.' },
  },
  {
    when: sql`${u.id} = ${userOf(permit)}`,
    complaint: {
      code: 'FORBIDDEN',
      path: ['id'],
      message: 'This is you: change your password with the old one, by PATCH /user/me.',
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
    when: sql`EXISTS (SELECT 1 FROM ${source(us)} WHERE ${us.userId} = ${u.id} AND NOT EXISTS (
      SELECT 1 FROM ${source(st)} WHERE ${st.id} = ${us.stationId} AND ${seen(permit)}))`,
    complaint: {
      code: 'FORBIDDEN',
      path: ['id'],
      message: 'This user sees stations that you do not.',
    },
  },
];

/** From when on a token for the user `u` does not work. */
const endOf = (now: number): SQL => sql`
  ${now} + iif(${hasPassword(u.id)}, ${RESET_MS}, ${INVITATION_MS})`;

/**
 * A token that sets a password once, within a day, or within a week where there is none yet, and
 * makes the one before worthless. It is shown this once. Throws NOT_FOUND for a user whom the
 * caller does not see, FORBIDDEN for the caller, for one above them, disabled, or with stations
 * that they do not see; INVALID for an end user.
 */
export async function issueReset(
  permit: Permit<'member.resetPassword'>,
  id: number,
): Promise<{ resetToken: string }> {
  const { now, change, db, call } = permit;
  const picked = hasId(permit, id);
  const guards = guardsOf(permit);
  const token = await call.issuer.issue('rst');
  const resettable = sql`${picked} AND ${clear(guards)}`;
  const issued = sql`FROM ${source(rt)} WHERE ${rt.id} = ${token.id}`;
  const { verdicts } = await db.batch({
    verdicts: judge(guards, sql`FROM ${source(u)} WHERE ${picked}`),
    former: voidResets(idOfUser(resettable)),
    reset: insert(
      resetTokens,
      {
        ...{ id: token.id, tenantId: u.tenantId, userId: u.id, hash: token.hash, email: u.email },
        ...{ endsAt: endOf(now), ...credentialOf(permit), ...makerOf(permit) },
      },
      sql`FROM ${source(u)} WHERE ${resettable}`,
    ),
    mark: insert(
      passwords,
      { userId: rt.userId, resetRequired: 1, changeId: change },
      sql`${issued} ${onConflict(pw.userId)} DO UPDATE
        SET ${assignments(pw, { resetRequired: 1, changeId: excluded(pw.changeId) })}`,
    ),
    event: event(permit, { action: permit.action, user: sql`${rt.userId}` }, issued),
  });
  if (verdicts.length === 0) throw new Refusal(unknown('user'));
  refuseAny(complaintsOf(guards, verdicts));
  return { resetToken: token.token };
}
