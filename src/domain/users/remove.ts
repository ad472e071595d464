/** Removing a user: sessions end, grants go, what identifies the person is erased. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse } from '../../base/text.ts';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import { endSessions } from '../sessions/end.ts';
import { publishEnds } from '../sessions/publish.ts';
import {
  eraseUsers,
  idOfUser,
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  userIdentifier,
} from './user.ts';

const input = v.object({ userIdentifier });

/** What removes the user `u` that fits: all that a person could use ends, and what identifies the person goes. */
export function removal(permit: Permit<string>, fits: SQL) {
  const id = idOfUser(fits);
  return {
    event: event(
      permit,
      { action: permit.action, user: sql`u.id` },
      sql`FROM users u WHERE ${fits}`,
    ),
    ended: endSessions(permit.now, sql`s.user_id = ${id}`),
    permissions: statement(sql`DELETE FROM permissions WHERE user_id = ${id}`),
    stations: statement(sql`DELETE FROM user_stations WHERE user_id = ${id}`),
    password: statement(sql`DELETE FROM passwords WHERE user_id = ${id}`),
    orders: statement(sql`UPDATE orders SET user_id = NULL WHERE user_id = ${id}`),
    erasure: eraseUsers(permit.now, fits),
  };
}

/** `user` is whom this very call removed; null when there was nobody to remove. */
export async function removeUser(
  permit: Permit<'user.remove'>,
  raw: { userIdentifier: UserIdentifier },
): Promise<{ user: User | null }> {
  const picked = isUser(permit.tenantId, parse(input, raw).userIdentifier);
  const {
    user: [user],
    ended,
  } = await permit.db.batch({ user: selectUser(picked), ...removal(permit, picked) });
  publishEnds(permit.call, ended);
  return { user: user ?? null };
}
