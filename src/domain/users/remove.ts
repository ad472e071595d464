/** Removing a user: sessions end, grants go, what identifies the person is erased. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse } from '../../base/text.ts';
import { event, type Origin } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { voidResets } from '../members/resets.ts';
import type { Permit } from '../permit.ts';
import { withdrawSessions } from '../sessions/end.ts';
import { publishEnds } from '../sessions/publish.ts';
import type { Cause } from '../sessions/withdrawals.ts';
import {
  idOfUser,
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  userIdentifier,
} from './user.ts';

const input = v.object({ userIdentifier });

/**
 * What removes the users whose ids `ids`, a query in brackets, gives: all that a person could use ends, and last, what
 * identifies them is erased. A number is left of each.
 */
export const removeUsers = (
  origin: Pick<Origin, 'tenantId' | 'change' | 'now'>,
  cause: Cause,
  ids: SQL,
) => ({
  ...withdrawSessions(origin, cause, sql`s.user_id IN ${ids}`),
  grants: statement(sql`DELETE FROM permissions WHERE user_id IN ${ids}`),
  assignments: statement(sql`DELETE FROM user_stations WHERE user_id IN ${ids}`),
  passwords: statement(sql`DELETE FROM passwords WHERE user_id IN ${ids}`),
  resets: voidResets(ids),
  failures: statement(sql`DELETE FROM failed_sign_ins WHERE user_id IN ${ids}`),
  orders: statement(sql`UPDATE orders SET user_id = NULL WHERE user_id IN ${ids}`),
  erasure: statement(sql`
    UPDATE users SET external_id = NULL, email = NULL, address = NULL, member_level = NULL, name = NULL, name_folded = NULL,
      sms = NULL, phone = NULL, alarm_email = 0, alarm_sms = 0, alarm_voice = 0, timezone_pref_id = 3,
      removed_at = ${origin.now}
    WHERE id IN ${ids}`),
});

/** What removes the user `u` that fits, with its event. */
export const removal = (permit: Permit<'user.remove' | 'member.remove'>, fits: SQL) => ({
  event: event(permit, { action: permit.action, user: sql`u.id` }, sql`FROM users u WHERE ${fits}`),
  ...removeUsers(permit, 'user', idOfUser(fits)),
});

/** `user` is whom this very call removed; null when there was nobody to remove. */
export async function removeUser(
  permit: Permit<'user.remove'>,
  raw: { userIdentifier: UserIdentifier },
): Promise<{ user: User | null }> {
  const picked = isUser(permit.tenantId, parse(input, raw).userIdentifier);
  const {
    user: [user],
    ended,
    withdrawn,
  } = await permit.db.batch({ user: selectUser(picked), ...removal(permit, picked) });
  publishEnds(permit.call, ended, withdrawn);
  return { user: user ?? null };
}
