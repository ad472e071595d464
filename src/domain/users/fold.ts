/** Folds names from before names were folded, which SQL alone could not do. */
import { sql } from 'drizzle-orm';
import { foldName, storedFold } from '../../base/fold.ts';
import { source, t, u } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { select, update } from '../../db/statements.ts';
import type { Call } from '../permit.ts';
import { moveSweepCursor, readSweepCursor } from '../slices/sweep-cursors.ts';

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

/** Stores the folded names of the rows whose names have not changed since they were read. */
function folding(
  table: typeof u | typeof t,
  rows: readonly { id: number; name: string }[],
  fold: (name: string) => string | null,
): Statement {
  const items = JSON.stringify(rows.map(({ id, name }) => [id, name, fold(name)]));
  return update(
    table,
    { nameFolded: sql`j.value ->> 2` },
    sql`FROM json_each(${items}) j
      WHERE ${table.id} = j.value ->> 0 AND ${table.name} = j.value ->> 1`,
  );
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
  await db.batch({ folding: folding(u, users, storedFold) });
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
  const changes = {
    ...(stale.length > 0 ? { folding: folding(t, stale, foldName) } : {}),
    ...(last === after ? {} : { cursor: moveSweepCursor(PART, last) }),
  };
  if (Object.keys(changes).length > 0) await call.db.batch(changes);
}
