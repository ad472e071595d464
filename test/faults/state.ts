/**
 * All that D1 and KV hold: to begin each case with the same, and to compare what cases end with.
 */
import { sql } from 'drizzle-orm';
import { connect } from '../../src/db/connect.ts';
import { selectRecords, toRecord } from '../../src/domain/entities/session.ts';
import {
  type Copies,
  type Row,
  readCopies,
  readTables,
  restoreCopies,
  restoreTables,
  type Tables,
} from '../stored.ts';
import { env, type Json } from '../world.ts';

export interface State {
  texts: Tables;
  /** By table. */
  rows: Record<string, Row[]>;
  copies: Copies;
  /** What D1 would have there. */
  truth: Copies;
}

/** Of each table, what was read last: most calls leave most tables as they were. */
const last = new Map<string, { text: string; rows: Row[] }>();

function rowsIn([table, text]: [string, string]): [string, Row[]] {
  const known = last.get(table);
  const rows: Row[] = known?.text === text ? known.rows : JSON.parse(text);
  last.set(table, { text, rows });
  return [table, rows];
}

export async function readState(): Promise<State> {
  const now = Date.now();
  const [texts, copies, records] = await Promise.all([
    readTables(),
    readCopies(),
    connect(env.DB).read(selectRecords(sql`s.id > ''`, now)),
  ]);
  return {
    texts,
    rows: Object.fromEntries(Object.entries(texts).map(rowsIn)),
    copies,
    truth: Object.fromEntries(
      records.flatMap((row) => {
        const record = toRecord(row, now);
        return record ? [[`ses:${row.id}`, JSON.stringify(record)]] : [];
      }),
    ),
  };
}

export async function restore({ texts, copies }: State): Promise<void> {
  const [textsNow, copiesNow] = await Promise.all([readTables(), readCopies()]);
  await Promise.all([restoreTables(textsNow, texts), restoreCopies(copiesNow, copies)]);
}

/** Ids, hashes and times, unlike words and measures. */
const isMinted = (value: unknown): boolean =>
  typeof value === 'number' ? value > 1e9 : /^[\w-]{12,}$|^\$scrypt/.test(String(value));

/** Its rows list the copies still to be published. At the end, no row is left. */
export const PENDING = 'withdrawals';

/** Columns that do not count: one is written behind the answer, one is as long as it took. */
const PASSING = new Set(['last_used_at', 'duration_ms']);

/**
 * Rows as lines: ids, hashes and times that are not in `known` count as equal. Most rows have been
 * there before: the line of each is made once.
 */
function newLines(known: string): (row: Row) => string {
  const plains = new Map<unknown, unknown>();
  const lines = new Map<string, string>();
  function plain(column: string, value: Json): unknown {
    if (PASSING.has(column)) return undefined;
    if (typeof value === 'object') return value;
    if (typeof value === 'string' && /^(\{|\[\{)/.test(value)) return JSON.parse(value);
    if (!plains.has(value)) {
      plains.set(value, isMinted(value) && !known.includes(String(value)) ? '*' : value);
    }
    return plains.get(value);
  }
  return (row) => {
    const text = JSON.stringify(row);
    const line = lines.get(text) ?? JSON.stringify(row, plain);
    lines.set(text, line);
    return line;
  };
}

let latest = { known: '', lineOf: newLines('') };
/** Rows as they were compared last. */
const compared = new WeakMap<Row[], { known: string; lines: string[] }>();

/** Rows by table, sorted. Ids, hashes and times that are not in `known` count as equal. */
export function compare(rows: State['rows'], known: string): Record<string, string[]> {
  if (latest.known !== known) latest = { known, lineOf: newLines(known) };
  const linesOf = (list: Row[]): string[] => {
    const before = compared.get(list);
    if (before?.known === known) return before.lines;
    const lines = list.map(latest.lineOf).sort();
    compared.set(list, { known, lines });
    return lines;
  };
  return Object.fromEntries(
    Object.entries(rows)
      .filter(([table]) => table !== PENDING)
      .map(([table, list]) => [table, linesOf(list)]),
  );
}

/** The copies that D1 contradicts, and those that live sessions lack. */
export const judgeCopies = ({ copies, truth }: State) => ({
  wrong: Object.keys(copies).filter((key) => copies[key] !== truth[key]),
  missing: Object.keys(truth).filter((key) => !(key in copies)),
});
