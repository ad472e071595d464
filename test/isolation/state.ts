/** All that is stored: whose it is, whether it has changed, and how it comes back. */
import { env } from '../world.ts';
import type { Party } from './two.ts';

/** The rows of each table, as a JSON text. */
export type State = Record<string, string>;
type Row = Record<string, string | number | null>;

/** Tables that hold nothing of any tenant, or not for longer than it takes to publish. */
const shared = ['sweeps', 'withdrawals'];

const { results: columns } = await env.DB.prepare(
  `SELECT t.name AS "table", c.name AS "column" FROM sqlite_master t, pragma_table_info(t.name) c
   WHERE t.type = 'table' AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB '_cf_*' AND t.name <> 'd1_migrations'`,
).all<{ table: string; column: string }>();
const tables = Map.groupBy(columns, ({ table }) => table);

/** When a key was used last is kept for people, and changes with use. */
const cellOf = (column: string) => (column === 'last_used_at' ? 'NULL' : `"${column}"`);

const reading = env.DB.prepare(
  `SELECT ${[...tables].map(([table, own]) => {
    const row = own.map(({ column }) => `'${column}', ${cellOf(column)}`);
    return `(SELECT json_group_array(json_object(${row})) FROM (SELECT * FROM ${table} ORDER BY 1, 2)) AS ${table}`;
  })}`,
);

export const readState = async (): Promise<State> => (await reading.first<State>()) ?? {};

/** The tables in which two states differ. */
export const changedIn = (one: State, other: State): string[] =>
  [...tables.keys()].filter((table) => one[table] !== other[table]);

/** What names rows: the ids that we give, and no tenant chooses. */
function namesOf({ ids, sessionIds }: Party): Set<unknown> {
  const { tenantId, userId, deviceId, keyId, projectId, stationId, sensorId, channelId } = ids;
  const devices = [deviceId, projectId, stationId, sensorId, channelId].flat();
  const all = [...tenantId, ...userId, ...keyId, ...devices, ...sessionIds];
  return new Set([...all, ...all.map(Number)]);
}

const parse = (state: State, table: string): Row[] => JSON.parse(state[table] ?? '[]');
const cellsOf = (row: Row) => Object.values(row);

/** The rows of a table that belong to a party or name anything of it, and the others. */
function partOf(state: State, table: string, party: Party): { own: Row[]; others: Row[] } {
  const names = namesOf(party);
  const isOwn = (row: Row) => cellsOf(row).some((cell) => names.has(cell));
  const rows = parse(state, table);
  return { own: rows.filter(isOwn), others: rows.filter((row) => !isOwn(row)) };
}

/** The tables in which a party's rows differ. */
export const touchedIn = (one: State, other: State, party: Party): string[] =>
  changedIn(one, other).filter((table) => {
    const [a, b] = [one, other].map((state) => partOf(state, table, party).own);
    return JSON.stringify(a) !== JSON.stringify(b);
  });

/** Tables in which a party has no row, though there is no reason. */
export const without = (state: State, party: Party): string[] =>
  [...tables.keys()].filter(
    (table) => !shared.includes(table) && partOf(state, table, party).own.length === 0,
  );

/** Every value of some length in a party's rows that no row of anybody else holds. */
export function secretsOf(state: State, party: Party): string[] {
  const parts = [...tables.keys()].map((table) => partOf(state, table, party));
  const others = new Set(parts.flatMap(({ others }) => others.flatMap(cellsOf)).map(String));
  const own = new Set(parts.flatMap(({ own }) => own.flatMap(cellsOf)).map(String));
  return [...own].filter((cell) => cell.length >= 6 && !others.has(cell));
}

export const cellsIn = (state: State): string[] =>
  [...tables.keys()].flatMap((table) => parse(state, table).flatMap(cellsOf)).map(String);

/** What KV holds, by key. */
export type Copies = Map<string, string | null>;

export async function readCopies(): Promise<Copies> {
  const { keys } = await env.SESSIONS.list();
  const names = keys.map(({ name }) => name);
  return names.length === 0 ? new Map() : env.SESSIONS.get(names);
}

/** Those of a party's sessions. */
export const copiesOf = (copies: Copies, { sessionIds }: Party): [string, string | null][] =>
  [...copies].filter(([key]) => sessionIds.some((id) => key.includes(id)));

/** Brings everything back. */
export async function restore(
  now: State,
  wanted: State,
  copiesNow: Copies,
  copies: Copies,
): Promise<void> {
  // The others' triggers count: the counters come last.
  const changed = [...changedIn(now, wanted), 'quotas'].filter(
    (table, at, all) => all.lastIndexOf(table) === at,
  );
  if (changed.length > 1 || now.quotas !== wanted.quotas) {
    await env.DB.batch([
      env.DB.prepare('PRAGMA defer_foreign_keys = on'),
      ...changed.flatMap((table) => {
        const own = (tables.get(table) ?? []).map(({ column }) => column);
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
  const gone = [...copiesNow.keys()].filter((key) => !copies.has(key));
  const lost = [...copies].filter(([key, value]) => copiesNow.get(key) !== value);
  await Promise.all([
    ...gone.map((key) => env.SESSIONS.delete(key)),
    ...lost.map(([key, value]) => env.SESSIONS.put(key, value ?? '')),
  ]);
}
