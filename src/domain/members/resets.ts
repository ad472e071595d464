/** Reset tokens: how a member comes by a first password, or by a new one. */
import { type SQL, sql } from 'drizzle-orm';
import { Refusal, refuseAny } from '../../base/faults.ts';
import { event } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';
import { clear, complaintsOf, type Guard, judge } from '../guards.ts';
import type { Permit } from '../permit.ts';
import { DAY } from '../sessions/slide.ts';
import { levelOf, seen, unknown, userOf } from '../stations/sight.ts';
import { hasId, userAboveYou } from './member.ts';

/** Forgets the reset token of the user with the id that `userId` gives. */
export const voidResets = ({ change }: Permit<string>, userId: SQL): Statement =>
  statement(sql`
    UPDATE passwords SET reset_id = NULL, reset_hash = NULL, reset_ends_at = NULL, change_id = ${change}
    WHERE user_id = ${userId} AND reset_id IS NOT NULL`);

const keyOf = ({ caller }: Permit<string>): string | null =>
  caller.kind === 'key' ? caller.key.id : null;

/**
 * Whether the reset token in the row `p` could still be made by who had it made, for the user `u`: or it would outlive
 * the right to it.
 */
export const isStillIssuable = sql`(
  EXISTS (SELECT 1 FROM api_keys k WHERE k.id = p.reset_by_key AND k.removed_at IS NULL)
  OR EXISTS (
    SELECT 1 FROM users i WHERE i.id = p.reset_by_user AND i.suspended_at IS NULL AND i.member_level <= min(2, u.member_level)
      AND (i.member_level = 1 OR NOT EXISTS (
        SELECT 1 FROM user_stations us WHERE us.user_id = u.id AND NOT EXISTS (
          SELECT 1 FROM user_stations mine WHERE mine.user_id = i.id AND mine.station_id = us.station_id)))))`;

/** A token that sets a password once, within a day, and makes the one before worthless. It is shown this once. */
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
  const { verdicts } = await db.batch({
    verdicts: judge(guards, sql`FROM users u WHERE ${picked}`),
    reset: statement(sql`
      INSERT INTO passwords (user_id, reset_required, reset_id, reset_hash, reset_ends_at, reset_by_user, reset_by_key, change_id)
      SELECT u.id, 1, ${token.id}, ${token.hash}, ${now + DAY}, ${userOf(permit)}, ${keyOf(permit)}, ${change}
      FROM users u WHERE ${picked} AND ${clear(guards)}
      ON CONFLICT (user_id) DO UPDATE SET reset_required = 1, reset_id = excluded.reset_id, reset_hash = excluded.reset_hash,
        reset_ends_at = excluded.reset_ends_at, reset_by_user = excluded.reset_by_user, reset_by_key = excluded.reset_by_key,
        change_id = excluded.change_id`),
    event: event(
      permit,
      { action: permit.action, user: sql`user_id` },
      sql`FROM passwords WHERE user_id = ${id} AND change_id = ${change}`,
    ),
  });
  if (verdicts.length === 0) throw new Refusal(unknown('user'));
  refuseAny(complaintsOf(guards, verdicts));
  return { resetToken: token.token };
}
