/** The real D1, with an eye on each round trip: counted, slow, held up, away or hung. */
import { env } from 'cloudflare:workers';

/** What has two of its methods, in a session as well as without one. */
export function inSessions(db: {
  prepare(sql: string): unknown;
  batch(statements: never[]): Promise<unknown>;
}): D1Database {
  const session = { ...db, getBookmark: () => null };
  return { ...db, withSession: () => session } as unknown as D1Database;
}

export interface Trip {
  /** Which it is since the count was last set to 0, from 1 on. */
  nth: number;
  /** What it asks, a statement each. */
  texts: string[];
}

interface Eye {
  /** Whose round trips, if not the tests' own. */
  db?: D1Database;
  /** Before a trip begins: what it throws is D1's answer, what never comes is no answer. */
  before?(trip: Trip): unknown;
  /** With what D1 answered; a list that it gives is the answer in its place. */
  after?(results: D1Result[], trip: Trip): unknown;
  /** What is asked in place of a statement. */
  rewrite?(sql: string): string;
}

export interface WatchedD1 {
  DB: D1Database;
  /** Round trips since it was last set to 0. */
  trips: number;
}

export function watchD1({ db, before, after, rewrite = (sql) => sql }: Eye = {}): WatchedD1 {
  const watched = db ?? (env as { DB: D1Database }).DB;
  const texts = new WeakMap<object, string>();
  /** Bound or not, it is what was prepared. */
  const noted = (sql: string, statement: D1PreparedStatement): D1PreparedStatement => {
    texts.set(statement, sql);
    const bind = statement.bind.bind(statement);
    statement.bind = (...values: unknown[]) => noted(sql, bind(...values));
    return statement;
  };
  const self: WatchedD1 = {
    trips: 0,
    DB: inSessions({
      prepare: (sql) => noted(sql, watched.prepare(rewrite(sql))),
      async batch(statements: D1PreparedStatement[]) {
        self.trips++;
        const trip = { nth: self.trips, texts: statements.map((one) => texts.get(one) ?? '') };
        await before?.(trip);
        const results = await watched.batch(statements);
        const others = await after?.(results, trip);
        return Array.isArray(others) ? others : results;
      },
    }),
  };
  return self;
}

/** What it says when nobody reaches it, and when it is full. */
export const LOST = 'D1_ERROR: Network connection lost.';
export const FULL = 'D1_ERROR: Exceeded maximum DB size.';

/** D1 that fails where it is told to. */
export const d1Failing = (when: (trip: Trip) => boolean, message = LOST): D1Database =>
  watchD1({
    before(trip) {
      if (when(trip)) throw new Error(message);
    },
  }).DB;

/** Nobody reaches it. */
export const D1_AWAY = d1Failing(() => true);

/** What never comes. */
export const never = () => new Promise<never>(() => {});

const WRITES = /^\s*(UPDATE|INSERT|DELETE)/i;
export const isWriting = ({ texts }: Trip): boolean => texts.some((sql) => WRITES.test(sql));

/** It answers, and takes nothing in any more. */
export const D1_READ_ONLY = d1Failing(isWriting, FULL);

/** D1 that says it is this large. */
export const d1OfSize = (bytes: number): D1Database =>
  watchD1({
    after: (results) =>
      results.map((result) => ({ ...result, meta: { ...result.meta, size_after: bytes } })),
  }).DB;

/** D1 whose nth round trip has begun, or is done, and answers once it is released. */
export function d1Held(nth: number, at: 'before' | 'after') {
  const { promise: released, resolve: release, reject: fail } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const hold = async (trip: Trip): Promise<void> => {
    if (trip.nth !== nth) return;
    reach();
    await released;
  };
  const eye: Eye = at === 'before' ? { before: hold } : { after: (_, trip) => hold(trip) };
  return { ...watchD1(eye), reached, release, fail };
}
