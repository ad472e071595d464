/**
 * All that D1 and KV hold: read in one go, compared by table and by key, and brought back where it
 * has changed.
 */
import { untilWritten } from './changes.ts';
import { env } from './world.ts';

/** The rows of each table, as a JSON text. */
export type Tables = Record<string, string>;
/** What KV holds, by key. */
export type Copies = Record<string, string>;

export type Row = Record<string, string | number | null>;

/** What is computed from other columns is none. */
const { results: columns } = await env.DB.prepare(
  `SELECT t.name AS "table", c.name AS "column" FROM sqlite_master t, pragma_table_info(t.name) c
   WHERE t.type = 'table' AND t.name NOT GLOB '_cf_*' AND t.name NOT GLOB 'sqlite_*' AND t.name <>
   'd1_migrations'`,
).all<{ table: string; column: string }>();
const columnsOf = Map.groupBy(columns, ({ table }) => table);

export const tables = [...columnsOf.keys()];

/** Reads every table; what is in the columns left out is null. */
export function tablesReader(leftOut: readonly string[] = []): () => Promise<Tables> {
  const texts = [...columnsOf].map(([table, own]) => {
    const cells = own.map(({ column }) =>
      leftOut.includes(column) ? `'${column}', NULL` : `'${column}', "${column}"`,
    );
    return (
      `(SELECT json_group_array(json_object(${cells})) FROM (SELECT * FROM ${table} ORDER BY ` +
      `1, 2)) AS ${table}`
    );
  });
  return untilWritten(() => env.DB.prepare(`SELECT ${texts}`).first<Tables>() as Promise<Tables>);
}

export const readTables = tablesReader();

export async function readCopies(): Promise<Copies> {
  const { keys } = await env.SESSIONS.list();
  if (keys.length === 0) return {};
  const found = await env.SESSIONS.get(keys.map(({ name }) => name));
  return Object.fromEntries(
    [...found].flatMap(([key, copy]) => (copy === null ? [] : [[key, copy]])),
  );
}

/** The tables in which two states differ. */
export const changedIn = (one: Tables, other: Tables): string[] =>
  tables.filter((table) => one[table] !== other[table]);

/** Brings back the tables that are not as wanted. */
export async function restoreTables(now: Tables, wanted: Tables): Promise<void> {
  const changed = changedIn(now, wanted);
  if (changed.length === 0) return;
  // The others' triggers count: the counters come last.
  const renewed = [...changed.filter((table) => table !== 'quotas'), 'quotas'];
  await env.DB.batch([
    env.DB.prepare('PRAGMA defer_foreign_keys = on'),
    ...renewed.flatMap((table) => {
      const own = (columnsOf.get(table) ?? []).map(({ column }) => column);
      const names = own.map((column) => `"${column}"`);
      const values = own.map((column) => `value ->> '$.${column}'`);
      const filled = `INSERT INTO ${table} (${names}) SELECT ${values} FROM json_each(?)`;
      return [
        env.DB.prepare(`DELETE FROM ${table}`),
        env.DB.prepare(filled).bind(wanted[table] ?? '[]'),
      ];
    }),
  ]);
}

/** Brings back the copies that are not as wanted. */
export async function restoreCopies(now: Copies, wanted: Copies): Promise<void> {
  const gone = Object.keys(now).filter((key) => !(key in wanted));
  const lost = Object.entries(wanted).filter(([key, copy]) => now[key] !== copy);
  await Promise.all([
    ...gone.map((key) => env.SESSIONS.delete(key)),
    ...lost.map(([key, copy]) => env.SESSIONS.put(key, copy)),
  ]);
}
