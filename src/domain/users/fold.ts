/** Folds names from before names were folded, which SQL alone could not do. */
import { sql } from 'drizzle-orm';
import { foldName, storedFold } from '../../base/fold.ts';
import { source, t, u } from '../../db/aliases.ts';
import { select, update } from '../../db/statements.ts';
import type { Call } from '../permit.ts';
import { moveSweepCursor, readSweepCursor } from '../sweep-cursors.ts';

/** Names per sweep. */
const NAMES = 500;

/**
 * A part of the sweep. Until then, a search finds these users and companies only by the exact
 * letters.
 */
export async function foldNames(call: Call): Promise<void> {
  await foldUsers(call);
  await foldTenants(call);
}

async function foldUsers({ db }: Call): Promise<void> {
  const users = await db.read(
    select(
      { id: u.id, name: sql<string>`${u.name}` },
      sql`FROM ${source(u)} WHERE ${u.id} > 0 AND ${u.nameFolded} IS NULL
        AND ${u.name} GLOB '*[^ -~]*' LIMIT ${NAMES}`,
    ),
  );
  if (users.length === 0) return;
  const folded = JSON.stringify(users.map(({ id, name }) => [id, name, storedFold(name)]));
  await db.batch({
    folding: update(
      u,
      { nameFolded: sql`j.value ->> 2` },
      sql`FROM json_each(${folded}) j
        WHERE ${u.id} = j.value ->> 0 AND ${u.name} = j.value ->> 1`,
    ),
  });
}

const PART = 'companyNames';

/** All have a folded name, but SQL may have made it. So all are examined, one slice per sweep. */
async function foldTenants(call: Call): Promise<void> {
  const after = await readSweepCursor(call, PART);
  const tenants = await call.db.read(
    select(
      { id: t.id, name: t.name, folded: t.nameFolded },
      sql`FROM ${source(t)} WHERE ${t.id} > ${Number(after)} ORDER BY ${t.id} LIMIT ${NAMES}`,
    ),
  );
  const stale = tenants.filter(({ name, folded }) => folded !== foldName(name));
  const last = tenants.length === NAMES ? String(tenants.at(-1)?.id) : '';
  const items = JSON.stringify(stale.map(({ id, name }) => [id, name, foldName(name)]));
  const folding = update(
    t,
    { nameFolded: sql`j.value ->> 2` },
    sql`FROM json_each(${items}) j
      WHERE ${t.id} = j.value ->> 0 AND ${t.name} = j.value ->> 1`,
  );
  const changes = {
    ...(stale.length > 0 ? { folding } : {}),
    ...(last === after ? {} : { cursor: moveSweepCursor(PART, last) }),
  };
  if (Object.keys(changes).length > 0) await call.db.batch(changes);
}
