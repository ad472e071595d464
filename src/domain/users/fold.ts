/** Folding the names that were there before names were folded: SQL could not do it. */
import { sql } from 'drizzle-orm';
import { foldName, storedFold } from '../../base/fold.ts';
import { statement } from '../../db/connect.ts';
import { moveCursor, readCursor } from '../cursors.ts';
import type { Call } from '../permit.ts';

/** Of one sweep. */
const NAMES = 500;

/** A part of the sweep. Until then users and companies are found by names with the very letters that they have. */
export async function foldNames(call: Call): Promise<void> {
  await foldUsers(call);
  await foldTenants(call);
}

async function foldUsers({ db }: Call): Promise<void> {
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

const PART = 'companyNames';

/** Each has a folded name, be it one that SQL made: so all are looked at, a slice a sweep. */
async function foldTenants(call: Call): Promise<void> {
  const after = await readCursor(call, PART);
  const tenants = await call.db.read(
    statement<{ id: number; name: string; folded: string }>(sql`
      SELECT id, name, name_folded AS folded FROM tenants
      WHERE id > ${Number(after)} ORDER BY id LIMIT ${NAMES}`),
  );
  const stale = tenants.filter(({ name, folded }) => folded !== foldName(name));
  const last = tenants.length === NAMES ? String(tenants.at(-1)?.id) : '';
  const items = JSON.stringify(stale.map(({ id, name }) => [id, name, foldName(name)]));
  const folding = statement(sql`
    UPDATE tenants SET name_folded = j.value ->> 2 FROM json_each(${items}) j
    WHERE tenants.id = j.value ->> 0 AND tenants.name = j.value ->> 1`);
  const changes = {
    ...(stale.length > 0 ? { folding } : {}),
    ...(last === after ? {} : { cursor: moveCursor(PART, last) }),
  };
  if (Object.keys(changes).length > 0) await call.db.batch(changes);
}
