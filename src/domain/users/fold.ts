/** Folding the names that were there before names were folded: SQL could not do it. */
import { sql } from 'drizzle-orm';
import { storedFold } from '../../base/fold.ts';
import { statement } from '../../db/connect.ts';
import type { Call } from '../permit.ts';

/** Of one sweep. */
const NAMES = 500;

/** A part of the sweep. Until then these users are found by names with the very accents that they have. */
export async function foldNames({ db }: Call): Promise<void> {
  const users = await db.read(
    statement<{ id: number; name: string }>(sql`
      SELECT id, name FROM users
      WHERE id > 0 AND name_folded IS NULL AND name GLOB '*[^ -~]*' LIMIT ${NAMES}`),
  );
  if (users.length === 0) return;
  const folded = JSON.stringify(users.map(({ id, name }) => [id, name, storedFold(name)]));
  await db.batch({
    folding: statement(sql`
      UPDATE users SET name_folded = j.value ->> 2 FROM json_each(${folded}) j
      WHERE users.id = j.value ->> 0 AND users.name = j.value ->> 1`),
  });
}
