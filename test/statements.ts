/**
 * Every statement that the tests of a file have put to D1: each finds its rows by an index.
 * Importing it begins the notes, once a worker.
 */
import { SQL } from 'drizzle-orm';
import { expect } from 'vitest';
import { isScan, plansOf } from './plans.ts';
import { env } from './world.ts';

/** As the source composed them; tests write their own SQL in another way. */
export const statements = new Set<string>();

const { toQuery } = SQL.prototype;
SQL.prototype.toQuery = function (config) {
  const query = toQuery.call(this, config);
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
