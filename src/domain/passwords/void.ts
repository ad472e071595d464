/** Passwords and reset tokens as rows: whether there are any, and what makes them void. */
import { type Column, type SQL, sql } from 'drizzle-orm';
import { pw, rt, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { remove, update } from '../../db/statements.ts';

/** Whether a user can sign in. An invitation is no password yet: it ends with whoever made it. */
export const hasPassword = (id: Column): SQL => sql`EXISTS (
  SELECT 1 FROM ${source(pw)} WHERE ${pw.userId} = ${id} AND ${pw.hash} IS NOT NULL)`;

/** Forgets the unused reset tokens of the users whose ids `userIds`, a query in brackets, gives. */
export const voidResets = (userIds: SQL): Statement =>
  remove(rt, sql`WHERE ${rt.userId} IN ${userIds} AND ${rt.usedAt} IS NULL`);

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
  update(
    rt,
    { usedAt: now, hash: null, email: null },
    sql`WHERE ${rt.id} = ${id} AND ${rt.userId} = ${userId}`,
  );
