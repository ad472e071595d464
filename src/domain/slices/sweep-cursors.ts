/** The progress of those parts of the sweep that go through a table, one slice per sweep. */
import { type SQL, sql } from 'drizzle-orm';
import { type k, type rt, source, sw } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { sweeps } from '../../db/schema.ts';
import { assignments, excluded, insert, onConflict, remove, select } from '../../db/statements.ts';
import type { Call } from '../permit.ts';

/** The last key that a part examined. Empty: it starts from the beginning. */
export async function readSweepCursor({ db }: Call, part: string): Promise<string> {
  const [swept] = await db.read(
    select({ cursor: sw.cursor }, sql`FROM ${source(sw)} WHERE ${sw.part} = ${part}`),
  );
  return swept?.cursor ?? '';
}

/** Stores the last key that a part looked at. With an empty key, it starts again. */
export const moveSweepCursor = (part: string, cursor: string): Statement =>
  insert(
    sweeps,
    { part, cursor },
    sql`WHERE true ${onConflict(sw.part)}
      DO UPDATE SET ${assignments(sweeps, { cursor: excluded(sw.cursor) })}`,
  );

/** Rows that one sweep examines. */
const SLICE = 200;

/** Removes the rows that fit from the next slice of a table. `part` names the cursor. */
export async function removeFromNextSlice(
  call: Call,
  part: string,
  rows: typeof k | typeof rt,
  fits: SQL,
): Promise<void> {
  const after = await readSweepCursor(call, part);
  const slice = sql`FROM ${source(rows)}
    WHERE ${rows.id} > ${after} ORDER BY ${rows.id} LIMIT ${SLICE}`;
  const { looked } = await call.db.batch({
    looked: select({ id: rows.id }, slice),
    removal: remove(rows, sql`WHERE ${rows.id} IN (SELECT ${rows.id} ${slice}) AND ${fits}`),
  });
  const isWhole = looked.length === SLICE;
  const last = isWhole ? (looked.at(-1)?.id ?? '') : '';
  if (last !== after) await call.db.batch({ cursor: moveSweepCursor(part, last) });
}
