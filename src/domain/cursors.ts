/** How far the parts of the sweep have come that go through a table, a slice a sweep. */
import { type SQL, sql } from 'drizzle-orm';
import { type Statement, statement } from '../db/connect.ts';
import type { Call } from './permit.ts';

/** The last key that a part looked at; empty: it begins anew. */
export async function readCursor({ db }: Call, part: string): Promise<string> {
  const [swept] = await db.read(
    statement<{ cursor: string }>(sql`SELECT cursor FROM sweeps WHERE part = ${part}`),
  );
  return swept?.cursor ?? '';
}

export const moveCursor = (part: string, cursor: string): Statement =>
  statement(sql`
    INSERT INTO sweeps (part, cursor) VALUES (${part}, ${cursor})
    ON CONFLICT (part) DO UPDATE SET cursor = excluded.cursor`);

/** Rows that one sweep looks at. */
const SLICE = 200;

/**
 * Removes the rows `d` that fit from a table whose primary key is the text `id`, of the next slice of it. `part` names
 * the cursor.
 */
export async function removeOfSlice(
  call: Call,
  part: string,
  table: 'api_keys' | 'reset_tokens',
  fits: SQL,
): Promise<void> {
  const after = await readCursor(call, part);
  const name = sql.raw(table);
  const slice = sql`SELECT id FROM ${name} WHERE id > ${after} ORDER BY id LIMIT ${SLICE}`;
  const { looked } = await call.db.batch({
    looked: statement<{ id: string }>(slice),
    removal: statement(sql`DELETE FROM ${name} AS d WHERE d.id IN (${slice}) AND ${fits}`),
  });
  const isWhole = looked.length === SLICE;
  const last = isWhole ? (looked.at(-1)?.id ?? '') : '';
  if (last !== after) await call.db.batch({ cursor: moveCursor(part, last) });
}
