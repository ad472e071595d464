/**
 * Counts wrong codes. Six digits are soon guessed, so codes of a member are closed for a while
 * after ten wrong ones in a row.
 */
import { type SQL, sql } from 'drizzle-orm';
import { Fault, Refusal } from '../../base/faults.ts';
import { MINUTE } from '../../base/time.ts';
import { source, u, wc } from '../../db/aliases.ts';
import type { Database } from '../../db/connect.ts';
import { wrongCodes } from '../../db/schema.ts';
import { assignments, insert, onConflict, select, unqualified } from '../../db/statements.ts';

const MOST = 10;
const CLOSED_MS = 15 * MINUTE;

const isClosed = (userId: number, now: number): SQL =>
  sql`${wc.userId} = ${userId} AND ${wc.closedUntil} > ${now}`;

/** Whether codes of the user with this id are taken: an expression. */
export const isOpen = (userId: number, now: number): SQL =>
  sql`NOT EXISTS (SELECT 1 FROM ${source(wc)} WHERE ${isClosed(userId, now)})`;

const WRONG =
  'This code is wrong, or was used already. Wait for the next one of the app, and check that ' +
  'the clock of its device is right.';

/** The refusal of a wrong code, whatever is wrong with it. */
export class WrongCode extends Refusal {
  constructor(field = 'code') {
    super({ code: 'INVALID', path: [field], message: WRONG });
  }
}

/** A code is neither right nor wrong while codes are closed. */
const closed = (until: number, now: number): Fault =>
  new Fault(
    'LIMITED',
    `There were ${MOST} wrong codes. No code of this account is taken for ` +
      `${Math.ceil((until - now) / MINUTE)} minutes. Then try again.`,
    { retryAfter: Math.ceil((until - now) / 1_000) },
  );

/**
 * Counts a wrong code of a user. Throws LIMITED if codes are closed, as for a right one. D1 runs
 * one batch after the other, so of many codes at once no more than ten are told to be wrong.
 */
export async function countWrongCode(db: Database, userId: number, now: number): Promise<void> {
  const [failures, closedUntil] = [unqualified(wc.failures), unqualified(wc.closedUntil)];
  const { before } = await db.batch({
    before: select(
      { closedUntil: wc.closedUntil },
      sql`FROM ${source(wc)} WHERE ${isClosed(userId, now)}`,
    ),
    count: insert(
      wrongCodes,
      { userId: u.id, failures: 1, closedUntil: 0 },
      sql`FROM ${source(u)} WHERE ${u.id} = ${userId} AND ${u.removedAt} IS NULL
        AND ${isOpen(userId, now)}
        ${onConflict(wc.userId)} DO UPDATE SET ${assignments(wc, {
          // After the pause it begins anew.
          failures: sql`iif(${closedUntil} > 0, 1, ${failures} + 1)`,
          closedUntil: sql`iif(${closedUntil} = 0 AND ${failures} + 1 >= ${MOST},
            ${now + CLOSED_MS}, 0)`,
        })}`,
    ),
  });
  const [row] = before;
  if (row) throw closed(row.closedUntil, now);
}
