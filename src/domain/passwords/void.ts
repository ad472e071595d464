/** The rows of passwords and reset tokens: whether they exist, and what voids them. */
import { type Column, type SQL, sql } from 'drizzle-orm';
import { pw, rt, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { remove, update } from '../../db/statements.ts';

/** Whether a user has a password. An invitation does not count: it ends with its maker. */
export const hasPassword = (id: Column): SQL => sql`EXISTS (
  SELECT 1 FROM ${source(pw)} WHERE ${pw.userId} = ${id} AND ${pw.hash} IS NOT NULL)`;

/** Deletes the unused reset tokens `rt` that fit of the users in `userIds`, a query in brackets. */
export const voidResets = (userIds: SQL, fits = sql`1`): Statement =>
  remove(rt, sql`WHERE ${rt.userId} IN ${userIds} AND ${rt.usedAt} IS NULL AND ${fits}`);

/** Voids the passwords `pw` that fit. Their members need a reset token to set another. */
export const voidPasswords = (change: string, fits: SQL): Statement =>
  update(
    pw,
    { hash: null, firstSetAt: null, setBy: null, cap: null, resetRequired: 1, changeId: change },
    sql`WHERE ${fits}`,
  );

/**
 * Marks a token as used, if it belongs to the user whose id `userId`, a query in brackets, gives.
 * The row stays, since sessions refer to it.
 */
export const useReset = (id: string, now: number, userId: SQL): Statement =>
  update(
    rt,
    { usedAt: now, hash: null, email: null },
    sql`WHERE ${rt.id} = ${id} AND ${rt.userId} = ${userId}`,
  );
