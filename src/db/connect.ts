/** The one way to D1: batches in one round trip, faults told apart from absence. */
// biome-ignore-all lint/style/noExcessiveLinesPerFile: all of it shares one connection's state.
// biome-ignore-all lint/complexity/noExcessiveLinesPerFunction: the same.
import { type SQL, sql } from 'drizzle-orm';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { within } from '../base/deadline.ts';
import { Fault, unauthenticated } from '../base/faults.ts';
import { isFull, limitOf } from './quota.ts';
import { asText } from './render.ts';
import { DatabaseSize } from './size.ts';

/** A statement, not yet run, whose rows are `Row`s. */
export interface Statement<Row = unknown> {
  sql: SQL;
  /** Never present: carries the row's type. */
  row?: Row;
  /** Runs right behind it in a batch; its rows are nobody's. */
  behind?: Statement;
}

export const statement = <Row = unknown>(sql: SQL): Statement<Row> => ({ sql });

type Statements = Record<string, Statement>;

/** Statements around those of a batch, whose rows nobody sees. One that fails undoes the batch. */
export interface Frame {
  before?: Statement[];
  after?: Statement[];
}

type Rows<Named extends Statements> = {
  [Name in keyof Named]: Exclude<Named[Name], undefined> extends Statement<infer Row>
    ? Row[]
    : never;
};

/** Drizzle writes the SQL; its own D1 session cannot put statements with parameters into a batch. */
const dialect = new SQLiteAsyncDialect();

/** SQLite's own complaints are about our statements, but for those about its file and its memory. */
const OURS =
  /malformed JSON|SQLITE_(?!FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN|NOMEM|INTERRUPT|PROTOCOL)|constraint failed|no such (table|column|function)|syntax error|too many (SQL variables|terms|columns|arguments)|datatype mismatch/i;

export interface Database {
  /**
   * Runs statements as one transaction, in one round trip, in their order, and gives the rows of each by its name.
   * UNAVAILABLE when D1 cannot be reached, or is full; a Refusal with QUOTA when a limit stands in the way.
   */
  batch<Named extends Statements>(statements: Named): Promise<Rows<Named>>;
  /** The same database, whose batches change nothing and are UNAUTHENTICATED unless `condition` holds as they begin. */
  whileTrue(condition: SQL): Database;
  /** The same database, whose batches stand in a frame that is made for each. */
  framed(frame: () => Frame): Database;
  /**
   * The same database, whose reads may be answered by a replica near the user: by one that has all that the client has
   * seen, as its bookmark tells, and all that this request has changed. For a client without a bookmark that is the primary
   * alone, so that whoever knows nothing of this reads what it wrote.
   */
  near(): Database;
  /** What a client brings to read all that this request has changed or read so; null: it has done neither. */
  bookmark(): string | null;
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

/** A statement that fails, and with it all that follows, where the condition does not hold: D1 knows no other way. */
const proofOf = (condition: SQL): Statement =>
  statement(sql`SELECT json(iif(${condition}, '1', 'disproved'))`);
const DISPROVED = /malformed JSON/i;

/** A session whose first batch goes to the primary, and tells a bookmark. Without a session all goes there. */
const PRIMARY = 'first-primary';

/** As D1 writes bookmarks: text order is their order in time. */
const BOOKMARK = /^[0-9a-f]{8}(-[0-9a-f]{8}){2}-[0-9a-f]{32}$/;

const later = (one: string | null, other: string | null): string | null =>
  one === null || (other !== null && other > one) ? other : one;

interface Pending {
  statement: Statement;
  /** Whether a replica may answer. */
  near: boolean;
  resolve(rows: unknown[]): void;
  reject(fault: unknown): void;
}

/** What is read in one tick, the primary's and what a replica may answer: together where the primary answers both. */
function gatherReads(
  askPrimary: Ask,
  askNear: Ask,
  isPrimaryNear: () => boolean,
): (pending: Pending) => void {
  let pending: Pending[] = [];

  async function put(asked: Pending[], ask: Ask): Promise<void> {
    if (asked.length === 0) return;
    try {
      const results = await inTime(ask(asked.map(({ statement }) => statement)));
      asked.forEach(({ resolve }, index) => {
        resolve(results[index] ?? []);
      });
    } catch (fault) {
      for (const { reject } of asked) reject(fault);
    }
  }

  function flush(): void {
    const asked = pending;
    pending = [];
    const { near = [], far = [] } = Object.groupBy(asked, (one) => (one.near ? 'near' : 'far'));
    if (near.length > 0 && isPrimaryNear()) {
      void put(asked, askNear);
      return;
    }
    void put(far, askPrimary);
    void put(near, askNear);
  }

  return (one) => {
    if (pending.length === 0) queueMicrotask(flush);
    pending.push(one);
  };
}

type Ask = (statements: Statement[]) => Promise<unknown[][]>;

/** Reads one by one, and by ids: what is looked up in one tick by one statement. */
function readsBy(
  push: (pending: Pending) => void,
  near: boolean,
): Pick<Database, 'read' | 'lookup'> {
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
      push({ statement: asked, near, resolve: (rows) => resolve(rows as Row[]), reject });
    });

  return {
    read,
    async lookup<Row extends { id: number }>(reader: Reader<Row>, id: number) {
      const { ids, rows } = wanted.get(reader) ?? gather(reader);
      ids.add(id);
      return (await rows).get(id) as Row | undefined;
    },
  };
}

/**
 * One request's connection: it must not be shared between requests, whose I/O workerd keeps apart. `brought`: the bookmark
 * that the client has; one that is none stands for the primary, which is never behind. `size`: where to note D1’s.
 */
export function connect(
  binding: D1Database,
  brought: string | null = null,
  size = new DatabaseSize(),
): Database {
  let bookmark: string | null = null;

  let framing = 0;
  /** Named as no other statement of a batch is. */
  const unseen = (statements: Statement[] = []): Statements =>
    Object.fromEntries(statements.map((one) => [` ${framing++}`, one]));

  async function run(statements: Statement[], from?: string): Promise<unknown[][]> {
    const session = from === undefined ? binding : binding.withSession(from);
    const prepared = statements.map(({ sql }) => {
      const query = dialect.sqlToQuery(asText(sql));
      return session.prepare(query.sql).bind(...query.params);
    });
    try {
      const results = await session.batch(prepared);
      if ('getBookmark' in session) bookmark = later(bookmark, session.getBookmark());
      size.see(results);
      return results.map((result) => result.results);
    } catch (cause) {
      if (isFull(cause)) size.seeFull();
      const limit = limitOf(cause);
      if (limit) throw limit;
      if (OURS.test(String(cause))) throw cause;
      throw unavailable(cause);
    }
  }

  const known = brought !== null && BOOKMARK.test(brought) ? brought : null;

  /** A bookmark that D1 does not know, such as one from before it was restored, must stand in nobody's way. */
  function runNear(statements: Statement[]): Promise<unknown[][]> {
    const from = later(known, bookmark);
    return from === null
      ? run(statements, PRIMARY)
      : run(statements, from).catch(() => run(statements, PRIMARY));
  }

  const push = gatherReads(run, runNear, () => later(known, bookmark) === null);
  let near: Database | undefined;

  async function batch<Named extends Statements>(statements: Named) {
    const steps = Object.entries<Statement>(statements).flatMap(([name, step]) => [
      { name, step },
      ...(step.behind ? [{ name: null, step: step.behind }] : []),
    ]);
    const results = await run(
      steps.map(({ step }) => step),
      PRIMARY,
    );
    const named = steps.flatMap(({ name }, at) => (name === null ? [] : [[name, results[at]]]));
    return Object.fromEntries(named) as Rows<Named>;
  }

  /** `base`, whose batches `inFrame` runs. */
  const over = (base: Database, inFrame: Database['batch']): Database => {
    const database: Database = {
      ...base,
      batch: inFrame,
      framed: (frame) =>
        over(database, (statements) => {
          const { before, after } = frame();
          return database.batch({ ...unseen(before), ...statements, ...unseen(after) });
        }),
      whileTrue: (condition) =>
        over(database, (statements) =>
          database.batch({ ...unseen([proofOf(condition)]), ...statements }).catch((fault) => {
            throw DISPROVED.test(String(fault)) ? unauthenticated(true) : fault;
          }),
        ),
    };
    return database;
  };

  const base = {
    ...readsBy(push, false),
    near() {
      near ??= { ...database, ...readsBy(push, true) };
      return near;
    },
    bookmark: () => bookmark,
  };
  const database = over(base as Database, batch);
  return database;
}
