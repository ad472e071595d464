/**
 * The only access to D1: batches in one round trip. An error is never taken for an empty result.
 */
// biome-ignore-all lint/style/noExcessiveLinesPerFile: all of it shares one connection's state.
// biome-ignore-all lint/complexity/noExcessiveLinesPerFunction: the same.
import { type SQL, sql } from 'drizzle-orm';
import { Fault, type Refusal, unauthenticated } from '../base/faults.ts';
import { withTimeout } from '../base/timeout.ts';
import { isFull, limitOf } from './quota.ts';
import { toQuery } from './render.ts';
import { DatabaseSize } from './size.ts';

/** A statement that has not run yet. Its rows are `Row`s. */
export interface Statement<Row = unknown> {
  sql: SQL;
  /** Never present. It carries the type of the rows. */
  row?: Row;
  /** Runs right after it in a batch. Its rows are dropped. */
  behind?: Statement;
  /** It writes events: who listens to them is looked up behind the batch. */
  tells?: Told;
}

/** Whose events a batch writes, and when. */
export interface Told {
  tenantId: number;
  now: number;
}

/** Those who listen to events. */
export interface Audience<Listener = unknown> {
  /** What finds those to whom these events are news. */
  lookUp(told: Told[]): Statement<Listener>;
  /** Is told whom that has found, if anybody. */
  tell(listeners: Listener[]): void;
}

/** A statement whose rows are said to be `Row`. Nothing checks that: `select` infers it. */
export const statement = <Row = unknown>(sql: SQL): Statement<Row> => ({ sql });

type Statements = Record<string, Statement>;

/**
 * Statements before and after those of a batch. Their rows are dropped. If one fails, the batch is
 * undone.
 */
export interface Frame {
  before?: Statement[];
  after?: Statement[];
}

type Rows<Named extends Statements> = {
  [Name in keyof Named]: Exclude<Named[Name], undefined> extends Statement<infer Row>
    ? Row[]
    : never;
};

/** SQLite errors that our statements cause, as opposed to errors about its file and its memory. */
const OURS = new RegExp(
  [
    'malformed JSON|JSON path|syntax error|constraint failed|datatype mismatch',
    'no such (table|column|function)',
    'too many (SQL variables|terms|columns|arguments)',
    'SQLITE_(?!FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN|NOMEM|INTERRUPT|PROTOCOL)',
  ].join('|'),
  'i',
);

export interface Database {
  /**
   * Runs statements as one transaction, in one round trip and in order. Returns the rows of each by
   * name. Throws UNAVAILABLE if D1 cannot be reached or is full, and a Refusal with QUOTA if a
   * limit is exceeded.
   */
  batch<Named extends Statements>(statements: Named): Promise<Rows<Named>>;
  /**
   * The same database, whose batches check `condition` first. If it does not hold, they throw
   * UNAUTHENTICATED and change nothing.
   */
  whileTrue(condition: SQL): Database;
  /**
   * The same database, whose batches check `condition` first. If it holds, they throw `refusal` and
   * change nothing.
   */
  unless(condition: SQL, refusal: Refusal): Database;
  /** The same database, whose batches run inside a frame. A new one is made for each batch. */
  framed(frame: () => Frame): Database;
  /**
   * The same database, whose reads may go to a replica near the user. The replica must have all
   * that the client has seen, by its bookmark, and all that this request has changed. For a client
   * without a bookmark only the primary will do: so a client that ignores bookmarks reads what it
   * wrote.
   */
  near(): Database;
  /**
   * The bookmark of what this request has read from replicas or changed. Null if it has done
   * neither.
   */
  bookmark(): string | null;
  /**
   * Reads. Statements of one tick of the event loop share one round trip. Throws UNAVAILABLE also
   * if D1 takes too long: reading again does no harm.
   */
  read<Row>(statement: Statement<Row>): Promise<Row[]>;
  /** Reads one row by its id. Look-ups by the same `reader` in one tick share one statement. */
  lookup<Row extends { id: Id }>(reader: Reader<Row>, id: Id): Promise<Row | undefined>;
}

type Id = number | string;

/** A statement for the rows with these ids, a JSON list. */
export type Reader<Row> = (ids: string) => Statement<Row>;

/** How long a read may take, in milliseconds. It usually takes some tens. */
const PATIENCE_MS = 3_000;

const LATE = Symbol('late');

/** The answer of D1. Throws UNAVAILABLE if it takes too long. */
export async function inTime<Value>(answer: Promise<Value>): Promise<Value> {
  const value = await withTimeout<Value, typeof LATE>(PATIENCE_MS, answer, LATE);
  if (value === LATE) throw unavailable(LATE);
  return value;
}

const unavailable = (cause: unknown): Fault =>
  new Fault('UNAVAILABLE', 'The database cannot be reached. Try again in a moment.', { cause });

/** The error of a read that D1 did not answer a moment ago. */
export const unanswered = (): Fault => unavailable(undefined);

/** Whether D1 did not answer, as opposed to answering with an error. */
export const isLate = (fault: Fault): boolean => fault.cause === LATE;

/**
 * A statement that fails, and with it the batch, if the condition does not hold. D1 offers no other
 * way.
 */
const proofOf = (condition: SQL): Statement =>
  statement(sql`SELECT json(iif(${condition}, '1', 'disproved'))`);
const DISPROVED = /malformed JSON/i;

/** A statement that fails, naming `mark`, if the condition holds. */
const guardOf = (condition: SQL, mark: string): Statement =>
  statement(sql`SELECT json_extract('1', iif(${condition}, ${mark}, '$'))`);

/**
 * A D1 session whose first batch goes to the primary, and which has a bookmark. Without a session
 * everything goes there.
 */
const PRIMARY = 'first-primary';

/** The form of D1's bookmarks. Their order as text is their order in time. */
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

/**
 * Collects the reads of one tick. Those for the primary and those for a replica go together if the
 * primary answers both.
 */
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

/** Reads of one tick: look-ups by the same reader become one statement. */
function readsBy(
  push: (pending: Pending) => void,
  near: boolean,
): Pick<Database, 'read' | 'lookup'> {
  const wanted = new Map<unknown, { ids: Set<Id>; rows: Promise<Map<Id, unknown>> }>();

  function gather<Row extends { id: Id }>(reader: Reader<Row>) {
    const ids = new Set<Id>();
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
    async lookup<Row extends { id: Id }>(reader: Reader<Row>, id: Id) {
      const { ids, rows } = wanted.get(reader) ?? gather(reader);
      ids.add(id);
      return (await rows).get(id) as Row | undefined;
    },
  };
}

/**
 * The connection of one request. workerd keeps the I/O of requests apart, so it must not be shared.
 * `brought` is the client's bookmark; an invalid one counts as the primary, which is never behind.
 * `size` notes the size of the database. `audience`: who listens to events.
 */
export function connect(
  binding: D1Database,
  brought: string | null = null,
  size = new DatabaseSize(),
  audience?: Audience,
): Database {
  let bookmark: string | null = null;

  let framing = 0;
  /** Names that no other statement of the batch has. */
  const unseen = (statements: Statement[] = []): Statements =>
    Object.fromEntries(statements.map((one) => [` ${framing++}`, one]));

  async function run(statements: Statement[], from?: string): Promise<unknown[][]> {
    const session = from === undefined ? binding : binding.withSession(from);
    const prepared = statements.map(({ sql }) => {
      const query = toQuery(sql);
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

  /** Falls back to the primary if D1 does not know the bookmark, as after a restore. */
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
    const told = audience ? steps.flatMap(({ step }) => step.tells ?? []) : [];
    const lookUp = told.length > 0 ? [audience?.lookUp(told)].filter((one) => !!one) : [];
    const results = await run([...steps.map(({ step }) => step), ...lookUp], PRIMARY);
    const listeners = results[steps.length] ?? [];
    if (listeners.length > 0) audience?.tell(listeners);
    const named = steps.flatMap(({ name }, at) => (name === null ? [] : [[name, results[at]]]));
    return Object.fromEntries(named) as Rows<Named>;
  }

  /** `base` with another way to run batches. */
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
      unless: (condition, refusal) =>
        over(database, (statements) => {
          const mark = `<guard ${framing++}>`;
          const guard = unseen([guardOf(condition, mark)]);
          return database.batch({ ...guard, ...statements }).catch((fault) => {
            throw String(fault).includes(mark) ? refusal : fault;
          });
        }),
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
