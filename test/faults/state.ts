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

/** Rows as they were compared last. */
const compared = new WeakMap<Row[], { known: string; lines: string[] }>();

/** Rows by table, sorted. Ids, hashes and times that are not in `known` count as equal. */
export function compare(rows: State['rows'], known: string): Record<string, string[]> {
  const plain = (column: string, value: Json) => {
    // It is written behind the answer, and to within an hour.
    if (column === 'last_used_at') return undefined;
    // As long as it took.
    if (column === 'duration_ms') return undefined;
    if (typeof value === 'string' && /^(\{|\[\{)/.test(value)) return JSON.parse(value);
    return isMinted(value) && !known.includes(String(value)) ? '*' : value;
  };
  const linesOf = (list: Row[]): string[] => {
    const before = compared.get(list);
    if (before?.known === known) return before.lines;
    const lines = list.map((row) => JSON.stringify(row, plain)).sort();
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
