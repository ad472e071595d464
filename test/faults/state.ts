/** All that D1 and KV hold: to begin each case with the same, and to compare what cases end with. */
import { sql } from 'drizzle-orm';
import { connect } from '../../src/db/connect.ts';
import { selectRecords, toRecord } from '../../src/domain/sessions/record.ts';
import { env, type Json } from '../world.ts';

type Row = Record<string, string | number | null>;

export interface State {
  /** By table. */
  rows: Record<string, Row[]>;
  /** By KV key. */
  copies: Record<string, string>;
  /** What D1 would have there. */
  truth: Record<string, string>;
}

/** The tables with their columns; what is computed from others is none. */
const { results: columns } = await env.DB.prepare(
  `SELECT t.name AS "table", c.name AS "column" FROM sqlite_master t, pragma_table_info(t.name) c
   WHERE t.type = 'table' AND t.name NOT GLOB '_cf_*' AND t.name NOT GLOB 'sqlite_*' AND t.name <> 'd1_migrations'`,
).all<{ table: string; column: string }>();
const tables = Map.groupBy(columns, ({ table }) => table);
const all = [...tables.keys()];
const selections = [...tables].map(
  ([table, own]) => `SELECT ${own.map(({ column }) => `"${column}"`)} FROM ${table}`,
);
/** The others' triggers count: the counters come last. */
const restored = all.toSorted((one, other) => +(one === 'quotas') - +(other === 'quotas'));

async function readCopies(): Promise<State['copies']> {
  const { keys } = await env.SESSIONS.list();
  if (keys.length === 0) return {};
  const found = await env.SESSIONS.get(keys.map(({ name }) => name));
  return Object.fromEntries(
    [...found].flatMap(([key, copy]) => (copy === null ? [] : [[key, copy]])),
  );
}

export async function readState(): Promise<State> {
  const now = Date.now();
  const [results, copies, records] = await Promise.all([
    env.DB.batch<Row>(selections.map((selection) => env.DB.prepare(selection))),
    readCopies(),
    connect(env.DB).read(selectRecords(sql`s.id > ''`, now)),
  ]);
  return {
    rows: Object.fromEntries(all.map((table, at) => [table, results[at]?.results ?? []])),
    copies,
    truth: Object.fromEntries(
      records.flatMap((row) => {
        const record = toRecord(row, now);
        return record ? [[`ses:${row.id}`, JSON.stringify(record)]] : [];
      }),
    ),
  };
}

export async function restore({ rows, copies }: State): Promise<void> {
  const renewals = restored.flatMap((table) => {
    const [first, ...more] = rows[table] ?? [];
    const removal = env.DB.prepare(`DELETE FROM ${table}`);
    if (!first) return removal;
    const own = Object.keys(first).map((column) => `"${column}"`);
    const insertion = env.DB.prepare(
      `INSERT INTO ${table} (${own}) SELECT ${own.map((_, at) => `value ->> ${at}`)} FROM json_each(?)`,
    ).bind(JSON.stringify([first, ...more].map(Object.values)));
    return [removal, insertion];
  });
  const restoration = env.DB.batch([env.DB.prepare('PRAGMA defer_foreign_keys = ON'), ...renewals]);
  const now = await readCopies();
  await Promise.all([
    restoration,
    ...Object.keys(now).map((key) => key in copies || env.SESSIONS.delete(key)),
    ...Object.entries(copies).map(
      ([key, copy]) => now[key] === copy || env.SESSIONS.put(key, copy),
    ),
  ]);
}

/** Ids, hashes and times, unlike words and measures. */
const isMinted = (value: unknown): boolean =>
  typeof value === 'number' ? value > 1e9 : /^[\w-]{12,}$|^\$scrypt/.test(String(value));

/** Its rows say what is yet to be published: whatever was done, none is left in the end. */
export const PENDING = 'withdrawals';

/** Rows by table, in an order of their own; ids, hashes and times that `known` does not have are alike. */
export function compare(rows: State['rows'], known: string): Record<string, string[]> {
  const plain = (column: string, value: Json) => {
    // It is written behind the answer, and to within an hour.
    if (column === 'last_used_at') return undefined;
    if (typeof value === 'string' && value.startsWith('{')) return JSON.parse(value);
    return isMinted(value) && !known.includes(String(value)) ? '*' : value;
  };
  return Object.fromEntries(
    Object.entries(rows)
      .filter(([table]) => table !== PENDING)
      .map(([table, list]) => [table, list.map((row) => JSON.stringify(row, plain)).sort()]),
  );
}

/** The copies that D1 contradicts, and those that live sessions lack. */
export const judgeCopies = ({ copies, truth }: State) => ({
  wrong: Object.keys(copies).filter((key) => copies[key] !== truth[key]),
  missing: Object.keys(truth).filter((key) => !(key in copies)),
});
