/**
 * Ends everything that a key or a member made, everything that those made, and so on. All ends in
 * the call except sessions beyond the first thousand. These are marked in the same batch, so that
 * D1 refuses them, and end in slices.
 */
import { type SQL, sql } from 'drizzle-orm';
import { em, en, k, pw, rt, source, u, wh } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { endingMakers } from '../../db/schema.ts';
import { insert, remove, returning, unqualified, update } from '../../db/statements.ts';
import { capAfter, capOf } from '../callers/cap.ts';
import { hasPasskey } from '../entities/factor.ts';
import { rootOf, works } from '../entities/key.ts';
import { changedMember } from '../entities/user.ts';
import { nudge } from '../nudge.ts';
import { voidPasskeys } from '../passkeys/void.ts';
import { voidPasswords } from '../passwords/void.ts';
import type { Call, Permit } from '../permit.ts';
import { nudgeFor, publishEnds } from '../sessions/publish.ts';
import { type Withdrawal, withdrawAtLarge } from '../sessions/withdrawals.ts';
import { disabledBy } from '../webhooks/update.ts';
import { type Makers, makersOf, markMakers, onMarked } from './makers.ts';
import { endMarkedSessions } from './slice.ts';

/** How much was ended, as far as is known when the call is answered. */
export interface Ended {
  sessions: number;
  keys: number;
  members: number;
  webhooks: number;
}

/** Updates the copies and this isolate's cache after a batch that may have held `endMinted`. */
export function publishMintedEnds(
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

/** Sessions that end in the call itself. */
const SESSIONS = 1_000;

/**
 * Removes the keys `k` that fit. `id` is the root id of the key that is being ended: its rotations
 * count as the same key.
 */
const endKeys = (permit: Permit<string>, id: SQL, fits: SQL) => ({
  mintedKeyEvents: event(
    permit,
    { action: 'apiKey.remove', subject: { apiKeyId: k.id } },
    sql`FROM ${source(k)} WHERE ${fits}`,
  ),
  mintedKeys: returning(update(k, { removedAt: permit.now }, sql`WHERE ${fits}`), {
    id: k.id,
    isSame: sql<0 | 1>`coalesce(${unqualified(k.rootId)}, ${unqualified(k.id)}) = ${id}`,
  }),
});

/** Disables the members `u` that fit. */
const endMembers = (permit: Permit<string>, fits: SQL) => ({
  mintedMemberEvents: event(
    permit,
    {
      ...{ action: 'member.update', user: sql`${u.id}`, fields: ['status'] },
      subject: changedMember(sql`1`),
    },
    sql`FROM ${source(u)} WHERE ${fits}`,
  ),
  mintedMembers: returning(update(u, { suspendedAt: permit.now }, sql`WHERE ${fits}`), {
    id: u.id,
  }),
});

/** Disables the webhooks that `memberIds`, or those who end, have added or led elsewhere. */
function endWebhooks(permit: Permit<string>, makers: Makers, memberIds: SQL) {
  const fits = sql`(${wh.madeBy} IN ${makers('key', 'token')} OR ${wh.madeByUser} IN ${memberIds})
    AND +${wh.tenantId} = ${permit.tenantId} AND ${wh.dueAt} IS NOT NULL`;
  return {
    mintedWebhookEvents: event(
      permit,
      { action: 'webhook.disable', subject: { webhookId: wh.id } },
      sql`FROM ${source(wh)} WHERE ${fits}`,
    ),
    mintedWebhooks: returning(update(wh, disabledBy('MAKER'), sql`WHERE ${fits}`), { id: wh.id }),
  };
}

/**
 * Voids the passwords that were set with reset tokens of the ended makers, with the passkeys beside
 * them, and marks their users.
 */
function endPasswords(permit: Permit<string>, ending: SQL, makers: Makers) {
  const { now, change } = permit;
  const holders = sql`
    SELECT ${rt.userId} FROM ${source(em)} JOIN ${source(rt)} ON ${rt.id} = ${em.id}
    WHERE ${em.endingId} = ${ending} AND ${em.kind} = 'token' AND ${rt.usedAt} IS NOT NULL`;
  const fits = sql`${pw.userId} IN (${holders}) AND ${pw.setBy} IN ${makers('token')}`;
  return {
    mintedHolders: insert(
      endingMakers,
      { id: sql`CAST(${pw.userId} AS text)`, endingId: ending, kind: 'holder', until: now },
      sql`FROM ${source(pw)} WHERE ${fits} ${onMarked} DO NOTHING`,
    ),
    mintedPasswordEvents: event(
      permit,
      {
        ...{ action: 'member.update', user: sql`${u.id}`, fields: ['password'] },
        subject: changedMember(sql`${u.suspendedAt} IS NOT NULL`),
      },
      sql`FROM ${source(pw)} JOIN ${source(u)} ON ${u.id} = ${pw.userId} WHERE ${fits}`,
    ),
    // Less is needed then to sign in as them.
    ...(capOf(permit) !== null && {
      mintedBounds: update(
        u,
        { cap: capAfter(permit, sql`0`, sql`1`) },
        sql`WHERE ${u.id} IN (
          SELECT ${pw.userId} FROM ${source(pw)} WHERE ${fits} AND ${hasPasskey(pw.userId)})`,
      ),
    }),
    // Before the passwords, by which they are found.
    ...voidPasskeys(sql`(SELECT ${pw.userId} FROM ${source(pw)} WHERE ${fits})`),
    mintedPasswords: voidPasswords(change, fits),
  };
}

/**
 * Ends a key (by its root id) with its rotations and everything that they made, or everything that
 * a member (by id) made. `from`, a FROM clause, returns a row if the call is allowed. A calling
 * member ends no one above their own level, and not themselves, so that the company keeps an
 * administrator.
 */
export function endMinted(permit: Permit<string>, kind: 'key' | 'member', id: SQL, from: SQL) {
  const { tenantId, now, change } = permit;
  const ending = sql`(
    SELECT ${en.id} FROM ${source(en)} WHERE ${en.id} = ${id} AND ${en.changeId} = ${change})`;
  const makers = makersOf(ending);
  const memberIds = sql`(SELECT CAST(id AS integer) FROM ${makers('member')})`;
  // The member with whom it begins does not end.
  const withBeginning = sql`(
    SELECT CAST(id AS integer) FROM ${makers('member')}
    UNION ALL SELECT CAST(${ending} AS integer))`;
  return {
    ...markMakers(permit, kind, { id, ending, from }),
    ...endKeys(
      permit,
      id,
      sql`${k.tenantId} = ${tenantId} AND ${rootOf} IN ${makers('key')} AND ${works(now)}`,
    ),
    ...endMembers(
      permit,
      sql`${u.id} IN ${memberIds} AND +${u.tenantId} = ${tenantId}
        AND ${u.removedAt} IS NULL AND ${u.suspendedAt} IS NULL`,
    ),
    ...endPasswords(permit, ending, makers),
    ...endWebhooks(permit, makers, kind === 'member' ? withBeginning : memberIds),
    mintedResets: remove(
      rt,
      sql`WHERE ${rt.usedAt} IS NULL
        AND (${rt.id} IN ${makers('token')} OR ${rt.userId} IN ${memberIds})`,
    ),
    ...endMarkedSessions(permit, ending, SESSIONS),
    mintedRest: withdrawAtLarge(permit, 'key', ending, sql`${ending} IS NOT NULL`),
  };
}
