/**
 * Ending what a key or a member made, and what that made, and so on: at once all but the sessions
 * past the first thousand. Those are marked in the same batch, so that D1 refuses them, and ended
 * in slices.
 */
import { type SQL, sql } from 'drizzle-orm';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { rootOf, works } from '../keys/key.ts';
import { changedMember } from '../members/member.ts';
import { voidPasswords } from '../members/resets.ts';
import { nudge } from '../nudge.ts';
import type { Call, Permit } from '../permit.ts';
import { nudgeFor, publishEnds } from '../sessions/publish.ts';
import { type Withdrawal, withdrawAtLarge } from '../sessions/withdrawals.ts';
import { levelOf, userOf } from '../stations/sight.ts';
import { endSlice } from './slice.ts';

/** What was ended, as far as it is known when the call is answered. */
export interface Ended {
  sessions: number;
  keys: number;
  members: number;
  webhooks: number;
}

/**
 * Tells the copies, and what this isolate remembers, of what `endMinted` has ended, if it stood in
 * the batch.
 */
export function announce(
  call: Call,
  {
    mintedSessions = [],
    mintedWithdrawn = [],
    mintedRest = [],
    mintedKeys = [],
  }: {
    mintedSessions?: { id: string }[];
    mintedWithdrawn?: Withdrawal[];
    mintedRest?: Withdrawal[];
    mintedKeys?: { id: string }[];
  },
): void {
  for (const { id } of mintedKeys) call.isolate.apiKeys.delete(id);
  publishEnds(call, mintedSessions, mintedWithdrawn);
  if (mintedRest.length > 0) call.defer(() => nudge(call, mintedRest.map(nudgeFor)));
}

/** Sessions that are ended in the call itself. */
const SESSIONS = 1_000;

/**
 * The first row of who made what, from the ending's own. A member is the beginning, and does not
 * end.
 */
const BEGINNINGS = {
  key: sql`'key', id, NULL`,
  member: sql`'self', NULL, CAST(id AS integer)`,
};

/**
 * What ends a key, by its root, with its rotations and all that they made; or all that a member
 * made, by their number. `from`, a FROM clause, gives a row if the call may do it. A member who
 * calls ends nobody above their own level, nor themselves: the company keeps whom it is
 * administered by.
 */
export function endMinted(permit: Permit<string>, kind: 'key' | 'member', id: SQL, from: SQL) {
  const { tenantId, now, change, actor, requestId, caller } = permit;
  const ending = sql`(SELECT id FROM endings WHERE id = ${id} AND change_id = ${change})`;
  const within =
    caller.kind === 'member'
      ? sql`coalesce(u.member_level, 4) >= ${levelOf(permit)} AND u.id <> ${userOf(permit)}`
      : sql`1`;
  // The pluses keep SQLite from reading all that the tenant has.
  const by = (made: string) =>
    sql.raw(`(${made}.made_by = r.maker OR ${made}.made_by_user = r.member)`);
  const makers = (...kinds: string[]) =>
    sql`(SELECT e.id FROM ending_makers e WHERE e.ending_id = ${ending} AND e.kind IN (${sql.join(
      kinds.map((one) => sql`${one}`),
      sql`, `,
    )}))`;
  const keys = sql`k.tenant_id = ${tenantId} AND ${rootOf} IN ${makers('key')} AND ${works(now)}`;
  const members = sql`u.id IN (SELECT CAST(id AS integer) FROM ${makers('member')})
    AND +u.tenant_id = ${tenantId} AND u.removed_at IS NULL AND u.suspended_at IS NULL`;
  /** Passwords `p` that were set with reset tokens of theirs. */
  const holders = sql`SELECT t.user_id FROM ending_makers e JOIN reset_tokens t ON t.id = e.id
    WHERE e.ending_id = ${ending} AND e.kind = 'token' AND t.used_at IS NOT NULL`;
  const passwords = sql`p.user_id IN (${holders}) AND p.set_by IN ${makers('token')}`;

  return {
    mintedEnding: statement(sql`
      INSERT INTO endings (id, tenant_id, actor, request_id, change_id)
      SELECT ${id}, ${tenantId}, ${JSON.stringify(actor)}, ${requestId}, ${change} ${from}
      ON CONFLICT (id) DO UPDATE SET change_id = excluded.change_id`),
    mintedMakers: statement(sql`
      INSERT INTO ending_makers (id, ending_id, kind, until)
      WITH RECURSIVE r(kind, maker, member) AS (
        SELECT ${BEGINNINGS[kind]} FROM endings WHERE id = ${ending}
        UNION SELECT 'key', ${rootOf}, NULL FROM r JOIN api_keys k ON ${by('k')}
        WHERE +k.tenant_id = ${tenantId}
        UNION SELECT 'token', t.id, NULL FROM r JOIN reset_tokens t ON ${by('t')}
        JOIN users u ON u.id = t.user_id WHERE t.tenant_id = ${tenantId} AND ${within}
        UNION SELECT 'member', NULL, u.id FROM r JOIN users u ON ${by('u')}
        WHERE +u.tenant_id = ${tenantId} AND ${within})
      SELECT coalesce(maker, CAST(member AS text)), ${ending}, kind,
        iif(member IS NULL, NULL, ${now}) FROM r WHERE kind <> 'self'
      ON CONFLICT (id, ending_id) DO UPDATE SET until = excluded.until`),
    mintedKeyEvents: event(
      permit,
      {
        action: 'apiKey.remove',
        subject: sql`json_object('apiKeyId', k.id)`,
      },
      sql`FROM api_keys k WHERE ${keys}`,
    ),
    mintedKeys: statement<{ id: string; isSame: 0 | 1 }>(sql`
      UPDATE api_keys AS k SET removed_at = ${now} WHERE ${keys}
      RETURNING id, coalesce(root_id, id) = ${id} AS isSame`),
    mintedMemberEvents: event(
      permit,
      {
        action: 'member.update',
        user: sql`u.id`,
        fields: ['status'],
        subject: changedMember(sql`1`),
      },
      sql`FROM users u WHERE ${members}`,
    ),
    mintedMembers: statement<{ id: number }>(sql`
      UPDATE users AS u SET suspended_at = ${now} WHERE ${members} RETURNING id`),
    mintedHolders: statement(sql`
      INSERT INTO ending_makers (id, ending_id, kind, until)
      SELECT CAST(p.user_id AS text), ${ending}, 'holder', ${now} FROM passwords p WHERE ${passwords}
      ON CONFLICT (id, ending_id) DO NOTHING`),
    mintedPasswordEvents: event(
      permit,
      {
        action: 'member.update',
        user: sql`u.id`,
        fields: ['password'],
        subject: changedMember(sql`u.suspended_at IS NOT NULL`),
      },
      sql`FROM passwords p JOIN users u ON u.id = p.user_id WHERE ${passwords}`,
    ),
    mintedPasswords: voidPasswords(change, passwords),
    mintedResets: statement(sql`
      DELETE FROM reset_tokens WHERE used_at IS NULL AND (
        id IN ${makers('token')} OR user_id IN (SELECT CAST(id AS integer) FROM ${makers('member')}))`),
    ...endSlice(permit, ending, SESSIONS),
    mintedRest: withdrawAtLarge(permit, 'key', ending, sql`${ending} IS NOT NULL`),
  };
}
