/** Keys that ended by themselves leave the count at the next sweep; dead ones go after a week. */
import { sql } from 'drizzle-orm';
import { removeOfSlice } from '../cursors.ts';
import { isBarren } from '../made/maker.ts';
import type { Call } from '../permit.ts';
import { DAY } from '../sessions/slide.ts';
import { endsAt, retireKeys } from './key.ts';

/** For whoever asks what happened. */
const KEPT_MS = 7 * DAY;
/** Keys that one statement retires. */
const ROWS = 500;

/**
 * A part of the sweep. Of a key and its rotations the last one stays as long as anything that they made does: by its id
 * that can be ended.
 */
export async function sweepKeys(call: Call): Promise<void> {
  const { db, now } = call;
  await db.batch({
    retirement: retireKeys(
      now,
      sql`k.id IN (SELECT k.id FROM api_keys k WHERE k.removed_at IS NULL AND ${endsAt} <= ${now} LIMIT ${ROWS})`,
    ),
  });
  await removeOfSlice(
    call,
    'keys',
    'api_keys',
    sql`d.removed_at < ${now - KEPT_MS} AND (${isBarren(sql`coalesce(d.root_id, d.id)`)} OR EXISTS (
      SELECT 1 FROM api_keys o WHERE o.root_id = ${sql`coalesce(d.root_id, d.id)`} AND (o.created_at, o.id) > (d.created_at, d.id)))`,
  );
}
