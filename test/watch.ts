/** D1 as it is, with an eye on what it is asked. */
import { env } from './world.ts';

export interface Watched {
  DB: D1Database;
  /** Every statement so far. */
  statements: Set<string>;
  /** Round trips since it was last set to 0. */
  trips: number;
}

export function watchD1(): Watched {
  const watched: Watched = {
    statements: new Set(),
    trips: 0,
    DB: {
      prepare(sql: string) {
        watched.statements.add(sql);
        return env.DB.prepare(sql);
      },
      batch(batch: D1PreparedStatement[]) {
        watched.trips++;
        return env.DB.batch(batch);
      },
    } as unknown as D1Database,
  };
  return watched;
}

/** How SQLite goes about a statement, step by step. */
export async function planOf(sql: string): Promise<string[]> {
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...(sql.match(/\?/g) ?? []).map(() => '1'))
    .all<{ detail: string }>();
  return results.map(({ detail }) => detail);
}

/** The steps that read a whole table: lists that a call brings along, and what a subquery gave, are none. */
export async function scansIn(statements: Iterable<string>): Promise<string[]> {
  const scans: string[] = [];
  for (const sql of statements) {
    for (const step of await planOf(sql)) {
      if (/^SCAN (?!j |json_each|r$|r |\(|CONSTANT)/.test(step)) scans.push(`${step}: ${sql}`);
    }
  }
  return scans;
}
