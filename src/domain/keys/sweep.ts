/** Keys that ended by themselves leave the count at the next sweep; dead ones go after a week. */
import { sql } from 'drizzle-orm';
import { statement } from '../../db/connect.ts';
import type { Call } from '../permit.ts';
import { DAY } from '../sessions/slide.ts';
import { endsAt, retireKeys } from './key.ts';

/** For whoever asks what happened. */
const KEPT_MS = 7 * DAY;
/** Rows that one statement changes. */
const ROWS = 500;

/** A part of the sweep. */
export async function sweepKeys({ db, now }: Call): Promise<void> {
  await db.batch({
    retirement: retireKeys(
      now,
      sql`k.id IN (SELECT k.id FROM api_keys k WHERE k.removed_at IS NULL AND ${endsAt} <= ${now} LIMIT ${ROWS})`,
    ),
    removal: statement(sql`
      DELETE FROM api_keys WHERE id IN (
        SELECT id FROM api_keys WHERE removed_at < ${now - KEPT_MS} LIMIT ${ROWS})`),
  });
}
