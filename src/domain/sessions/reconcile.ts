/**
 * Copies beside what D1 says: those that disagree are mended, and rows whose sessions ended long
 * ago go.
 */
import { sql } from 'drizzle-orm';
import { DAY } from '../../base/time.ts';
import { s, source } from '../../db/aliases.ts';
import { remove } from '../../db/statements.ts';
import { selectRecords, toRecord } from '../entities/session.ts';
import type { Call } from '../permit.ts';
import { moveSweepCursor, readSweepCursor } from '../slices/sweep-cursors.ts';
import { readCopies } from './kv.ts';
import { publish, sameRecord } from './publish.ts';

/** KV gives up to 100 values for one of the 1,000 operations that an invocation has. */
const SLICE = 100;
/** Slices of one sweep; so many more as long as half of a slice goes. */
const SLICES = 2;
const MOST_SLICES = 10;
/** A session that has ended is kept so long, for whoever asks what happened. */
const KEPT_MS = 7 * DAY;

const PART = 'sessions';

/**
 * The next slice of sessions, whether they live or not: how many rows went; null at the end, where
 * the next sweep begins anew.
 */
async function sweepSlice(call: Call): Promise<number | null> {
  const { db, now } = call;
  const after = await readSweepCursor(call, PART);
  const slice = sql`
    SELECT ${s.id} FROM ${source(s)} WHERE ${s.id} > ${after} ORDER BY ${s.id} LIMIT ${SLICE}`;
  const rows = await db.read(selectRecords(sql`${s.id} IN (${slice})`, now));
  const ids = rows.map(({ id }) => id).sort();
  const copies = rows.length > 0 ? await readCopies(call, ids) : new Map();
  // A copy that is missing is made by the check that misses it.
  const wrong = rows.filter((row) => {
    const record = toRecord(row, now);
    return copies.has(row.id) && (!record || !sameRecord(copies.get(row.id), record));
  });
  publish(call, wrong, rows);
  // Without its row nobody would find a copy: the next sweep takes the row, once its copy is right.
  const unsettled = new Set(wrong.map(({ id }) => id));
  const settled = ids.filter((id) => !unsettled.has(id));
  const isWhole = rows.length === SLICE;
  const old = now - KEPT_MS;
  const { removal } = await db.batch({
    removal: remove(
      s,
      sql`WHERE ${s.id} IN (SELECT j.value FROM json_each(${JSON.stringify(settled)}) j)
        AND (${s.revokedAt} < ${old} OR ${s.expiresAt} < ${old}) RETURNING 1`,
    ),
    cursor: moveSweepCursor(PART, isWhole ? (ids.at(-1) ?? '') : ''),
  });
  return isWhole ? removal.length : null;
}

/** A part of the sweep. */
export async function sweepSessions(call: Call): Promise<void> {
  for (let slice = 1; slice <= MOST_SLICES; slice++) {
    const went = await sweepSlice(call);
    if (went === null || (slice >= SLICES && went < SLICE / 2)) return;
  }
}
