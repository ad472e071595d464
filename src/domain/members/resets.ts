/** Reset tokens: how a member comes by a first password, or by a new one. */
import { type SQL, sql } from 'drizzle-orm';
import { Refusal, refuseAny } from '../../base/faults.ts';
import { pw } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';
import { update } from '../../db/statements.ts';
import { clear, complaintsOf, type Guard, judge } from '../guards.ts';
import { works } from '../keys/key.ts';
import { makerOf } from '../made/maker.ts';
import { isMarked } from '../made/marked.ts';
import type { Permit } from '../permit.ts';
import { DAY } from '../sessions/slide.ts';
import { levelOf, seen, unknown, userOf } from '../stations/sight.ts';
import { idOfUser } from '../users/user.ts';
import { hasId, userAboveYou } from './member.ts';

/**
 * How long a token works: for whoever has a password, and as an invitation for whoever has none.
 */
const RESET_MS = DAY;
const INVITATION_MS = 7 * DAY;

/** Forgets the unused reset tokens of the users whose ids `userIds`, a query in brackets, gives. */
export const voidResets = (userIds: SQL): Statement =>
  statement(sql`DELETE FROM reset_tokens WHERE user_id IN ${userIds} AND used_at IS NULL`);

/** Takes the passwords `pw` that fit away: their members need a reset token to set another. */
export const voidPasswords = (change: string, fits: SQL): Statement =>
  update(
    pw,
    { hash: null, firstSetAt: null, setBy: null, resetRequired: 1, changeId: change },
    sql`WHERE ${fits}`,
  );

/**
 * Uses a token up, if it is of the user whose id `userId`, a query in brackets, gives. What came of
 * it is found by it.
 */
export const useReset = (id: string, now: number, userId: SQL): Statement =>
  statement(sql`
    UPDATE reset_tokens SET used_at = ${now}, hash = NULL, email = NULL
    WHERE id = ${id} AND user_id = ${userId}`);

/**
 * Whether the reset token `t` for the user `u` could still be made, for the same address, by who
 * made it: the key works; the member has the level, the sight and an active account, and nobody
 * else has ended the session.
 */
export const isStillIssuable = (now: number): SQL => sql`(t.email = u.email AND (
  EXISTS (SELECT 1 FROM api_keys k WHERE k.id = t.key_id AND ${works(now)})
  OR EXISTS (
    SELECT 1 FROM sessions s JOIN users i ON i.id = s.user_id
    WHERE s.id = t.session_id AND s.withdrawn = 0 AND NOT ${isMarked}
      AND i.suspended_at IS NULL AND i.member_level <= min(2, u.member_level)
      AND (i.member_level = 1 OR NOT EXISTS (
        SELECT 1 FROM user_stations us WHERE us.user_id = u.id AND NOT EXISTS (
          SELECT 1 FROM user_stations mine WHERE mine.user_id = i.id AND mine.station_id = us.station_id))))))`;

/** The very credential of a call. */
const credentialOf = ({ caller }: Permit<string>) => ({
  keyId: caller.kind === 'key' ? caller.key.id : null,
  sessionId: 'session' in caller ? caller.session.id : null,
});

/**
 * A token that sets a password once, within a day, or within a week where there is none yet, and
 * makes the one before worthless. It is shown this once.
 */
export async function issueReset(
  permit: Permit<'member.resetPassword'>,
  id: number,
): Promise<{ resetToken: string }> {
  const { now, change, db, call } = permit;
  const picked = hasId(permit, id);
  const guards: Guard[] = [
    { when: sql`u.member_level < ${levelOf(permit)}`, complaint: userAboveYou },
    {
      when: sql`u.member_level IS NULL`,
      complaint: { code: 'INVALID', path: ['id'], message: 'An end user has no password.' },
    },
    {
      when: sql`u.id = ${userOf(permit)}`,
      complaint: {
        code: 'FORBIDDEN',
        path: ['id'],
        message: 'This is you: change your password with the old one, by PATCH /user/me.',
      },
    },
    {
      when: sql`u.suspended_at IS NOT NULL`,
      complaint: {
        code: 'FORBIDDEN',
        path: ['id'],
        message: 'This user is disabled. Set "status" to 1 first.',
      },
    },
    {
      when: sql`EXISTS (SELECT 1 FROM user_stations us WHERE us.user_id = u.id
        AND NOT EXISTS (SELECT 1 FROM stations st WHERE st.id = us.station_id AND ${seen(permit)}))`,
      complaint: {
        code: 'FORBIDDEN',
        path: ['id'],
        message: 'This user sees stations that you do not.',
      },
    },
  ];
  const token = await call.issuer.issue('rst');
  const { keyId, sessionId } = credentialOf(permit);
  const { madeBy, madeByUser } = makerOf(permit);
  const resettable = sql`${picked} AND ${clear(guards)}`;
  const hasPassword = sql`EXISTS (
    SELECT 1 FROM passwords WHERE user_id = u.id AND hash IS NOT NULL)`;
  const { verdicts } = await db.batch({
    verdicts: judge(guards, sql`FROM users u WHERE ${picked}`),
    former: voidResets(idOfUser(resettable)),
    reset: statement(sql`
      INSERT INTO reset_tokens (id, tenant_id, user_id, hash, email, ends_at, key_id, session_id,
        made_by, made_by_user)
      SELECT ${token.id}, u.tenant_id, u.id, ${token.hash}, u.email,
        ${now} + iif(${hasPassword}, ${RESET_MS}, ${INVITATION_MS}), ${keyId}, ${sessionId},
        ${madeBy}, ${madeByUser} FROM users u WHERE ${resettable}`),
    mark: statement(sql`
      INSERT INTO passwords (user_id, reset_required, change_id)
      SELECT user_id, 1, ${change} FROM reset_tokens WHERE id = ${token.id}
      ON CONFLICT (user_id) DO UPDATE SET reset_required = 1, change_id = excluded.change_id`),
    event: event(
      permit,
      { action: permit.action, user: sql`user_id` },
      sql`FROM reset_tokens WHERE id = ${token.id}`,
    ),
  });
  if (verdicts.length === 0) throw new Refusal(unknown('user'));
  refuseAny(complaintsOf(guards, verdicts));
  return { resetToken: token.token };
}
