/** Taking reset tokens away: a part of the sweep. */
import { sql } from 'drizzle-orm';
import { statement } from '../../db/connect.ts';
import { isBarren } from '../made/maker.ts';
import type { Call } from '../permit.ts';

/** Tokens that one sweep looks at. */
const SLICE = 100;

/**
 * Takes away those past `after` that ended unused, and used ones of which nothing is left: their
 * passwords are others by now. Gives the id to go on from, empty where the next sweep begins anew.
 */
export async function sweepResets({ db, now }: Call, after: string): Promise<string> {
  const slice = sql`SELECT id FROM reset_tokens WHERE id > ${after} ORDER BY id LIMIT ${SLICE}`;
  const { looked } = await db.batch({
    looked: statement<{ count: number; last: string | null }>(
      sql`SELECT count(*) AS count, max(id) AS last FROM (${slice}) r`,
    ),
    removal: statement(sql`
      DELETE FROM reset_tokens AS t WHERE t.id IN (${slice}) AND iif(t.used_at IS NULL,
        t.ends_at <= ${now}, NOT EXISTS (
          SELECT 1 FROM passwords p WHERE p.user_id = t.user_id AND p.set_by = t.id)
        AND ${isBarren(sql`t.id`)})`),
  });
  const { count = 0, last = null } = looked[0] ?? {};
  return count === SLICE && last !== null ? last : '';
}
