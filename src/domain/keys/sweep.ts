/** Keys that ended by themselves leave the count at the next sweep; dead ones go after a week. */
import { getTableName, sql } from 'drizzle-orm';
import { k, named, source } from '../../db/aliases.ts';
import { apiKeys } from '../../db/schema.ts';
import { removeOfSlice } from '../cursors.ts';
import { isBarren } from '../made/maker.ts';
import type { Call } from '../permit.ts';
import { DAY } from '../sessions/slide.ts';
import { endsAt, retireKeys } from './key.ts';

/** For whoever asks what happened. */
const KEPT_MS = 7 * DAY;
/** Keys that one statement retires. */
const ROWS = 500;

/** Those that are looked at, and their later rotations. */
const d = named(apiKeys, 'd');
const later = named(apiKeys, 'o');
const root = sql`coalesce(${d.rootId}, ${d.id})`;

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
    getTableName(apiKeys),
    sql`${d.removedAt} < ${now - KEPT_MS} AND (${isBarren(root)} OR EXISTS (
      SELECT 1 FROM ${source(later)} WHERE ${later.rootId} = ${root}
        AND (${later.createdAt}, ${later.id}) > (${d.createdAt}, ${d.id})))`,
  );
}
