/** Removes a user: ends sessions, deletes grants, and erases what identifies the person. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse } from '../../base/text.ts';
import { f, o, p, pw, s, source, u, us } from '../../db/aliases.ts';
import { event, type Origin } from '../../db/commit.ts';
import { remove, update } from '../../db/statements.ts';
import { sparingSuperiors } from '../callers/superiors.ts';
import {
  fromUser,
  idOfUser,
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  userIdentifier,
} from '../entities/user.ts';
import { eraseFactors } from '../factors/erase.ts';
import { voidResets } from '../passwords/void.ts';
import type { Call, Permit } from '../permit.ts';
import { withdrawSessions } from '../sessions/end.ts';
import { endSupportBy, publishSupportEnds, type SupportEnds } from '../sessions/end-support.ts';
import { publishEnds } from '../sessions/publish.ts';
import type { Cause, Withdrawal } from '../sessions/withdrawals.ts';
import { keepingAdministrator } from './last-administrator.ts';

const input = v.object({ userIdentifier });

/**
 * Removes the users in `ids`, a query in brackets: everything that a person could use ends and,
 * last, what identifies them is erased. The id stays. A new column that can hold words about a
 * person is erased here too.
 */
export const removeUsers = (
  origin: Pick<Origin, 'tenantId' | 'change' | 'now'>,
  cause: Cause,
  ids: SQL,
) => ({
  ...withdrawSessions(origin, cause, sql`${s.userId} IN ${ids}`),
  grants: remove(p, sql`WHERE ${p.userId} IN ${ids}`),
  assignments: remove(us, sql`WHERE ${us.userId} IN ${ids}`),
  passwords: remove(pw, sql`WHERE ${pw.userId} IN ${ids}`),
  resets: voidResets(ids),
  ...eraseFactors(ids),
  failures: remove(f, sql`WHERE ${f.userId} IN ${ids}`),
  support: update(
    s,
    { actor: null, reason: null },
    sql`WHERE ${s.userId} IN ${ids} AND ${s.reason} IS NOT NULL`,
  ),
  orders: update(o, { userId: null }, sql`WHERE ${o.userId} IN ${ids}`),
  erasure: update(
    u,
    {
      ...{ externalId: null, email: null, address: null, memberLevel: null },
      ...{ name: null, nameFolded: null, sms: null, phone: null },
      ...{ alarmEmail: 0, alarmSms: 0, alarmVoice: 0, timezonePrefId: 3, removedAt: origin.now },
    },
    sql`WHERE ${u.id} IN ${ids}`,
  ),
});

/** Removes the user `u` that fits, with its event. `publishRemoval` goes with it. */
export const removal = (permit: Permit<'user.remove' | 'member.remove'>, fits: SQL) => ({
  event: event(
    permit,
    { action: permit.action, user: sql`${u.id}` },
    sql`FROM ${source(u)} WHERE ${fits}`,
  ),
  ...endSupportBy(permit, idOfUser(fits)),
  ...removeUsers(permit, 'user', idOfUser(fits)),
});

/** Updates the copies after a batch that held `removal`. */
export function publishRemoval(
  call: Call,
  ends: SupportEnds & { ended: { id: string }[]; withdrawn: Withdrawal[] },
): void {
  publishEnds(call, ends.ended, ends.withdrawn);
  publishSupportEnds(call, ends);
}

/**
 * Removes a user. `user` is null if there was none. Throws FORBIDDEN for a user above the calling
 * member, or the last administrator.
 */
export async function removeUser(
  permit: Permit<'user.remove'>,
  raw: { userIdentifier: UserIdentifier },
): Promise<{ user: User | null }> {
  const picked = isUser(permit.tenantId, parse(input, raw).userIdentifier);
  const sparing = sparingSuperiors(permit.db, permit, fromUser(picked), 'userIdentifier');
  const db = keepingAdministrator(sparing, permit, picked, 'userIdentifier');
  const {
    user: [user],
    ...ends
  } = await db.batch({ user: selectUser(picked), ...removal(permit, picked) });
  publishRemoval(permit.call, ends);
  return { user: user ?? null };
}
