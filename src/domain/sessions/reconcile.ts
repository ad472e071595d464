/**
 * Reconciles copies with D1: corrects those that differ, and deletes rows of sessions that ended
 * long ago.
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

/** KV returns up to 100 values for one of the 1,000 operations of an invocation. */
const SLICE = 100;
/** Slices per sweep, and the most of them while half of each slice is deleted. */
const SLICES = 2;
const MOST_SLICES = 10;
/** How long an ended session is kept, for those who ask what happened. */
const KEPT_MS = 7 * DAY;
/**
 * A support session is kept longer, since its events lead to who acted and why: as long as events
 * are, and a year at most.
 */
const SUPPORT_DAYS = 365;

const PART = 'sessions';

/**
 * Processes the next slice of sessions, live or not. Returns how many rows were deleted. Null at
 * the end of the table, where the next sweep starts again.
 */
async function sweepSlice(call: Call, supportDays: number): Promise<number | null> {
  const { db, now } = call;
  const after = await readSweepCursor(call, PART);
  const slice = sql`
    SELECT ${s.id} FROM ${source(s)} WHERE ${s.id} > ${after} ORDER BY ${s.id} LIMIT ${SLICE}`;
  const rows = await db.read(selectRecords(sql`${s.id} IN (${slice})`, now));
  const ids = rows.map(({ id }) => id).sort();
  const copies = rows.length > 0 ? await readCopies(call, ids) : new Map();
  // A missing copy is created by the next check.
  const wrong = rows.filter((row) => {
    const record = toRecord(row, now);
    return copies.has(row.id) && (!record || !sameRecord(copies.get(row.id), record));
  });
  publish(call, wrong, rows);
  // Without its row, a copy could not be found any more. So a row with a wrong copy is deleted by a
  // later sweep, once the copy is right.
  const unsettled = new Set(wrong.map(({ id }) => id));
  const settled = ids.filter((id) => !unsettled.has(id));
  const isWhole = rows.length === SLICE;
  const old = now - KEPT_MS;
  const { removal } = await db.batch({
    removal: remove(
      s,
      sql`WHERE ${s.id} IN (SELECT j.value FROM json_each(${JSON.stringify(settled)}) j)
        AND (${s.revokedAt} < ${old} OR ${s.expiresAt} < ${old})
        AND (${s.openedBy} IS NOT 'SUPPORT' OR ${s.expiresAt} < ${now - supportDays * DAY})
        RETURNING 1`,
    ),
    cursor: moveSweepCursor(PART, isWhole ? (ids.at(-1) ?? '') : ''),
  });
  return isWhole ? removal.length : null;
}

/** A part of the sweep. `keptDays`: how many days events are kept; undefined: forever. */
export async function sweepSessions(call: Call, keptDays = SUPPORT_DAYS): Promise<void> {
  const supportDays = Math.min(keptDays, SUPPORT_DAYS);
  for (let slice = 1; slice <= MOST_SLICES; slice++) {
    const went = await sweepSlice(call, supportDays);
    if (went === null || (slice >= SLICES && went < SLICE / 2)) return;
  }
}
