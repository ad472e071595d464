/** Marks expired keys, so that they no longer count, and deletes dead ones after a week. */
import { sql } from 'drizzle-orm';
import { DAY } from '../../base/time.ts';
import { aliased, k, source } from '../../db/aliases.ts';
import { apiKeys } from '../../db/schema.ts';
import { hasMintedNothingLeft } from '../callers/maker.ts';
import { endsAt, rootOf } from '../entities/key.ts';
import type { Call } from '../permit.ts';
import { removeFromNextSlice } from '../slices/sweep-cursors.ts';
import { retireKeys } from './key.ts';

/** How long a dead key is kept, for those who ask what happened. */
const KEPT_MS = 7 * DAY;
/** Keys that one statement marks. */
const ROWS = 500;

/** Later rotations of a key. */
const later = aliased(apiKeys, 'later');

/**
 * A part of the sweep. The last rotation of a key stays as long as anything that the key made: its
 * id is needed to end that.
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
  await removeFromNextSlice(
    call,
    'keys',
    k,
    sql`${k.removedAt} < ${now - KEPT_MS} AND (${hasMintedNothingLeft(rootOf)} OR EXISTS (
      SELECT 1 FROM ${source(later)} WHERE ${later.rootId} = ${rootOf}
        AND (${later.createdAt}, ${later.id}) > (${k.createdAt}, ${k.id})))`,
  );
}
