/**
 * Sorts the statements of an export so that a database accepts them. An export has each table with
 * its rows, and SQLite refuses a row that refers to a missing table. Triggers stay last, so that
 * they count nothing while rows are loaded.
 */
import { closeSync, createReadStream, createWriteStream, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readStatements } from './statements.ts';

const NAME = /["`[]?(\w+)["`\]]?/.source;

/** The kinds of statements in an export. */
const KINDS = {
  table: new RegExp(`^CREATE TABLE (?:IF NOT EXISTS )?${NAME}`, 'i'),
  /** Statistics, which SQLite rebuilds. */
  statistics: /^(?:ANALYZE\b|INSERT INTO ["`[]?sqlite_stat)/i,
  /** The highest numbers in use, so that none is reused. */
  sequence: /^(?:DELETE FROM|INSERT INTO) ["`[]?sqlite_sequence/i,
  row: new RegExp(`^INSERT INTO ${NAME}`, 'i'),
  rest: /^CREATE (?:UNIQUE )?(?:INDEX|TRIGGER|VIEW)\b/i,
  /** D1 runs its own transaction. */
  transaction: /^(?:PRAGMA|BEGIN|COMMIT)\b/i,
} satisfies Record<string, RegExp>;

export interface Sorted {
  /** The file in the new order. */
  file: string;
  tables: Set<string>;
  rows: number;
  /** The names of the migrations that the database had. */
  migrations: string[];
}

/** Sorts tables, parents first. Throws if they form a circle, which the schema does not. */
function order(tables: Map<string, string>): string[] {
  const sorted = new Set<string>();
  const visit = (table: string, above: string[]): void => {
    if (sorted.has(table)) return;
    if (above.includes(table)) throw new Error(`its tables refer in a circle: ${above.join(', ')}`);
    const parents = (tables.get(table) ?? '').matchAll(new RegExp(`REFERENCES ${NAME}`, 'gi'));
    for (const [, parent = ''] of parents) {
      if (parent !== table && tables.has(parent)) visit(parent, [...above, table]);
    }
    sorted.add(table);
  };
  for (const table of tables.keys()) visit(table, []);
  return [...sorted];
}

/**
 * Sorts an export into a file in `folder`. Throws an error with a reason if the export is
 * incomplete.
 */
export async function sortExport(from: string, folder: string): Promise<Sorted> {
  const tables = new Map<string, string>();
  const rowsOf = new Map<string, number>();
  const parts = { sequence: [] as string[], rest: [] as string[] };
  const migrations: string[] = [];
  let rows = 0;
  const fileOf = (table: string) => join(folder, `rows of ${table}`);
  const rowsFile = (table: string): number => {
    const file = rowsOf.get(table) ?? openSync(fileOf(table), 'w');
    rowsOf.set(table, file);
    return file;
  };

  for await (const statement of readStatements(from)) {
    const [kind, pattern] = Object.entries(KINDS).find(([, one]) => one.test(statement)) ?? [];
    const table = pattern?.exec(statement)?.[1] ?? '';
    if (!kind) throw new Error(`"${statement.slice(0, 40)}…" does not belong there`);
    if (kind === 'table') tables.set(table, statement);
    if (kind === 'sequence' || kind === 'rest') parts[kind].push(statement);
    if (kind !== 'row') continue;
    // Wrangler takes these words for a statement even inside a value.
    const row = statement.replaceAll('BEGIN TRANSACTION', "BEGIN'||' TRANSACTION");
    writeSync(rowsFile(table), `${row}\n`);
    rows++;
    if (table === 'd1_migrations') migrations.push(/'([^']+\.sql)'/.exec(statement)?.[1] ?? '');
  }
  for (const file of rowsOf.values()) closeSync(file);

  const file = join(folder, 'sorted.sql');
  const write = async (text: string | AsyncIterable<unknown>) =>
    pipeline(typeof text === 'string' ? [text] : text, createWriteStream(file, { flags: 'a' }));
  const sorted = order(tables);
  await write(
    `PRAGMA defer_foreign_keys=TRUE;\n${sorted.map((one) => `${tables.get(one)}\n`).join('')}`,
  );
  for (const table of sorted) if (rowsOf.has(table)) await write(createReadStream(fileOf(table)));
  await write(`${[...parts.sequence, ...parts.rest].join('\n')}\n`);
  if (migrations.length > 0 && parts.rest.length === 0)
    throw new Error('it is incomplete: its indexes are missing');
  return { file, tables: new Set(sorted), rows, migrations };
}
