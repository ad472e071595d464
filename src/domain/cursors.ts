/** How far the parts of the sweep have come that go through a table, a slice a sweep. */
import { type SQL, sql } from 'drizzle-orm';
import { named, source, sw } from '../db/aliases.ts';
import type { Statement } from '../db/connect.ts';
import { apiKeys, resetTokens, sweeps } from '../db/schema.ts';
import { assignments, excluded, insert, onConflict, remove, select } from '../db/statements.ts';
import type { Call } from './permit.ts';

/** The last key that a part looked at; empty: it begins anew. */
export async function readCursor({ db }: Call, part: string): Promise<string> {
  const [swept] = await db.read(
    select({ cursor: sw.cursor }, sql`FROM ${source(sw)} WHERE ${sw.part} = ${part}`),
  );
  return swept?.cursor ?? '';
}

export const moveCursor = (part: string, cursor: string): Statement =>
  insert(
    sweeps,
    { part, cursor },
    sql`WHERE true ${onConflict(sw.part)}
      DO UPDATE SET ${assignments(sweeps, { cursor: excluded(sw.cursor) })}`,
  );

/** Rows that one sweep looks at. */
const SLICE = 200;

/** The tables that are gone through, each by the alias `d`. */
export const swept = {
  api_keys: named(apiKeys, 'd'),
  reset_tokens: named(resetTokens, 'd'),
};

/**
 * Removes the rows `d` that fit from a table whose primary key is the text `id`, of the next slice
 * of it. `part` names the cursor.
 */
export async function removeOfSlice(
  call: Call,
  part: string,
  table: keyof typeof swept,
  fits: SQL,
): Promise<void> {
  const after = await readCursor(call, part);
  const rows = swept[table];
  const slice = sql`FROM ${source(rows)}
    WHERE ${rows.id} > ${after} ORDER BY ${rows.id} LIMIT ${SLICE}`;
  const { looked } = await call.db.batch({
    looked: select({ id: rows.id }, slice),
    removal: remove(rows, sql`WHERE ${rows.id} IN (SELECT ${rows.id} ${slice}) AND ${fits}`),
  });
  const isWhole = looked.length === SLICE;
  const last = isWhole ? (looked.at(-1)?.id ?? '') : '';
  if (last !== after) await call.db.batch({ cursor: moveCursor(part, last) });
}
