/**
 * Every statement that the tests of a file have put to D1: each finds its rows by an index.
 * Importing it begins the notes, once a worker.
 */
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { expect } from 'vitest';
import { isScan, plansOf } from './plans.ts';
import { env } from './world.ts';

/** As the source composed them; tests write their own SQL in another way. */
export const statements = new Set<string>();

const { sqlToQuery } = SQLiteAsyncDialect.prototype;
SQLiteAsyncDialect.prototype.sqlToQuery = function (...args) {
  const query = sqlToQuery.apply(this, args);
  statements.add(query.sql);
  return query;
};

/** No step of a statement reads a whole table that grows. The next file begins with no notes. */
export async function expectIndexed(): Promise<void> {
  const plans = await plansOf(env.DB, statements);
  statements.clear();
  const scans = [...plans].flatMap(([sql, plan]) =>
    plan.filter(isScan).map((step) => `${step}: ${sql}`),
  );
  expect(scans, 'statements that read a whole table').toEqual([]);
}
