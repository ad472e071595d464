/** Keys that ended by themselves leave the count at the next sweep; dead ones go after a week. */
import { sql } from 'drizzle-orm';
import { DAY } from '../../base/time.ts';
import { k, named, source } from '../../db/aliases.ts';
import { apiKeys } from '../../db/schema.ts';
import { isBarren } from '../callers/maker.ts';
import { endsAt, rootOf } from '../entities/key.ts';
import type { Call } from '../permit.ts';
import { removeOfSlice } from '../slices/cursors.ts';
import { retireKeys } from './key.ts';

/** For whoever asks what happened. */
const KEPT_MS = 7 * DAY;
/** Keys that one statement retires. */
const ROWS = 500;

/** Later rotations of a key. */
const later = named(apiKeys, 'later');

/**
 * A part of the sweep. Of a key and its rotations the last one stays as long as anything that they
 * made does: by its id that can be ended.
 */
export async function sweepKeys(call: Call): Promise<void> {
  const { db, now } = call;
  await db.batch({
    retirement: retireKeys(
      now,
      sql`${k.id} IN (SELECT ${k.id} FROM ${source(k)}
        WHERE ${k.removedAt} IS NULL AND ${endsAt} <= ${now} LIMIT ${ROWS})`,
    ),
  });
  await removeOfSlice(
    call,
    'keys',
    k,
    sql`${k.removedAt} < ${now - KEPT_MS} AND (${isBarren(rootOf)} OR EXISTS (
      SELECT 1 FROM ${source(later)} WHERE ${later.rootId} = ${rootOf}
        AND (${later.createdAt}, ${later.id}) > (${k.createdAt}, ${k.id})))`,
  );
}
