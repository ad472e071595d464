/** The one way to D1: batches in one round trip, faults told apart from absence. */
import { type SQL, sql } from 'drizzle-orm';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { within } from '../base/deadline.ts';
import { Fault, unauthenticated } from '../base/faults.ts';

/** A statement, not yet run, whose rows are `Row`s. */
export interface Statement<Row = unknown> {
  sql: SQL;
  /** Never present: carries the row's type. */
  row?: Row;
}

export const statement = <Row = unknown>(sql: SQL): Statement<Row> => ({ sql });

type Statements = Record<string, Statement>;

type Rows<Named extends Statements> = {
  [Name in keyof Named]: Named[Name] extends Statement<infer Row> ? Row[] : never;
};

/** Drizzle writes the SQL; its own D1 session cannot put statements with parameters into a batch. */
const dialect = new SQLiteAsyncDialect();

/** SQLite's own complaints are about our statements, but for those about its file and its memory. */
const OURS =
  /malformed JSON|SQLITE_(?!FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN|NOMEM|INTERRUPT|PROTOCOL)|constraint failed|no such (table|column|function)|syntax error|too many (SQL variables|terms|columns|arguments)|datatype mismatch/i;

export interface Database {
  /**
   * Runs statements as one transaction, in one round trip, in their order, and gives the rows of each by its name.
   * UNAVAILABLE when D1 cannot be reached.
   */
  batch<Named extends Statements>(statements: Named): Promise<Rows<Named>>;
  /** The same database, whose batches change nothing and are UNAUTHENTICATED unless `condition` holds as they begin. */
  whileTrue(condition: SQL): Database;
  /**
   * Reads: what is asked for in the same tick of the event loop shares one round trip. UNAVAILABLE also when D1 takes
   * longer than its patience: nothing is lost by asking again.
   */
  read<Row>(statement: Statement<Row>): Promise<Row[]>;
  /** Reads one row of many by its id: those that are asked for by one `reader` in the same tick share one statement. */
  lookup<Row extends { id: number }>(reader: Reader<Row>, id: number): Promise<Row | undefined>;
}

/** The rows with these ids, a JSON list. */
export type Reader<Row> = (ids: string) => Statement<Row>;

/** A read that takes longer is given up on, in milliseconds: it would be a matter of tens of them. */
const PATIENCE_MS = 3_000;

const LATE = Symbol('late');

/** What D1 answers within its patience. */
export async function inTime<Value>(answer: Promise<Value>): Promise<Value> {
  const value = await within<Value, typeof LATE>(PATIENCE_MS, answer, LATE);
  if (value === LATE) throw unavailable(LATE);
  return value;
}

const unavailable = (cause: unknown): Fault =>
  new Fault('UNAVAILABLE', 'The database cannot be reached. Try again in a moment.', { cause });

/** The fault of a question that was put to D1 a moment ago, in vain. */
export const unanswered = (): Fault => unavailable(undefined);

/** Whether D1 did not answer at all, rather than refuse. */
export const isLate = (fault: Fault): boolean => fault.cause === LATE;

/** No statement of a batch has this name. */
const PROOF = ' proof';
/** A statement that fails, and with it all that follows, where the condition does not hold: D1 knows no other way. */
const proofOf = (condition: SQL): Statement =>
  statement(sql`SELECT json(iif(${condition}, '1', 'disproved'))`);
const DISPROVED = /malformed JSON/i;

interface Pending {
  statement: Statement;
  resolve(rows: unknown[]): void;
  reject(fault: unknown): void;
}

/** One request's connection: it must not be shared between requests, whose I/O workerd keeps apart. */
export function connect(binding: D1Database): Database {
  let pending: Pending[] = [];

  async function run(statements: Statement[]): Promise<unknown[][]> {
    const prepared = statements.map(({ sql }) => {
      const query = dialect.sqlToQuery(sql);
      return binding.prepare(query.sql).bind(...query.params);
    });
    try {
      const results = await binding.batch(prepared);
      return results.map((result) => result.results);
    } catch (cause) {
      if (OURS.test(String(cause))) throw cause;
      throw unavailable(cause);
    }
  }

  async function flush(): Promise<void> {
    const asked = pending;
    pending = [];
    try {
      const results = await inTime(run(asked.map(({ statement }) => statement)));
      asked.forEach(({ resolve }, index) => {
        resolve(results[index] ?? []);
      });
    } catch (fault) {
      for (const { reject } of asked) reject(fault);
    }
  }

  const wanted = new Map<unknown, { ids: Set<number>; rows: Promise<Map<number, unknown>> }>();

  function gather<Row extends { id: number }>(reader: Reader<Row>) {
    const ids = new Set<number>();
    const rows = Promise.resolve()
      .then(() => {
        wanted.delete(reader);
        return read(reader(JSON.stringify([...ids])));
      })
      .then((found) => new Map(found.map((row) => [row.id, row])));
    const gathered = { ids, rows };
    wanted.set(reader, gathered);
    return gathered;
  }

  const read = <Row>(asked: Statement<Row>) =>
    new Promise<Row[]>((resolve, reject) => {
      if (pending.length === 0) queueMicrotask(flush);
      pending.push({ statement: asked, resolve: (rows) => resolve(rows as Row[]), reject });
    });

  const database: Database = {
    async batch<Named extends Statements>(statements: Named) {
      const results = await run(Object.values(statements));
      const names = Object.keys(statements);
      return Object.fromEntries(names.map((name, index) => [name, results[index]])) as Rows<Named>;
    },
    read,
    async lookup<Row extends { id: number }>(reader: Reader<Row>, id: number) {
      const { ids, rows } = wanted.get(reader) ?? gather(reader);
      ids.add(id);
      return (await rows).get(id) as Row | undefined;
    },
    whileTrue: (condition) => ({
      ...database,
      async batch<Named extends Statements>(statements: Named) {
        const { [PROOF]: _, ...rows } = await database
          .batch({ [PROOF]: proofOf(condition), ...statements })
          .catch((fault) => {
            throw DISPROVED.test(String(fault)) ? unauthenticated(true) : fault;
          });
        return rows as unknown as Rows<Named>;
      },
    }),
  };
  return database;
}
