/** Every statement that the tests of a file have put to D1: each finds its rows by an index. */
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { expect } from 'vitest';
import { env } from './world.ts';

/** As the source composed them; tests write their own SQL in another way. */
export const statements = new Set<string>();

/** Begins to take notes. */
export function watchStatements(): void {
  const { sqlToQuery } = SQLiteAsyncDialect.prototype;
  SQLiteAsyncDialect.prototype.sqlToQuery = function (...args) {
    const query = sqlToQuery.apply(this, args);
    statements.add(query.sql);
    return query;
  };
}

/** How SQLite goes about statements, step by step. */
export async function plansOf(list: string[]): Promise<string[][]> {
  if (list.length === 0) return [];
  const plans = await env.DB.batch<{ detail: string }>(
    list.map((sql) =>
      env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(...(sql.match(/\?/g) ?? []).map(() => '1')),
    ),
  );
  return plans.map(({ results }) => results.map(({ detail }) => detail));
}

/** What does not grow: lists that a call brings along (`j`, `r`), and what a subquery has given. */
const SCAN = /^SCAN (?!j |json_each|r$|r |\(|CONSTANT)/;

/** What may go through a table or an index from its beginning, and why. */
const ALLOWED: [scan: RegExp, reason: string][] = [
  [/: \s*DELETE FROM (permissions|audit_events)\b.*LIMIT \?/s, 'the sweep takes a slice at a time'],
  [/^SCAN tenants USING INDEX tenants_to_erase/, 'holds removed tenants, until they are erased'],
];

/** No step of a statement reads a whole table that grows. */
export async function expectIndexed(): Promise<void> {
  const list = [...statements];
  const plans = await plansOf(list);
  const scans = list.flatMap((sql, nth) =>
    (plans[nth] ?? []).filter((step) => SCAN.test(step)).map((step) => `${step}: ${sql}`),
  );
  const excused = (scan: string) => ALLOWED.some(([allowed]) => allowed.test(scan));
  expect(
    scans.filter((scan) => !excused(scan)),
    'statements that read a whole table',
  ).toEqual([]);
}
