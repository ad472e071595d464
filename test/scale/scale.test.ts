/** What `npm run scale` prints, held at a size that takes seconds. */
import { expect, it } from 'vitest';
import { allCases, tripsOf } from '../operations/cases.ts';
import { newReceivers } from '../receiver.ts';
import { env } from '../world.ts';
import { fill, fillBeside } from './fill.ts';
import { grows } from './judge.ts';
import { measure } from './measure.ts';

const run = (statements: string[]) => env.DB.batch(statements.map((one) => env.DB.prepare(one)));

async function empty(): Promise<void> {
  const { results: limits } = await env.DB.prepare(
    'SELECT name, most FROM quotas WHERE tenant_id = 0',
  ).all<{ name: string; most: number }>();
  const defaults = limits.map(
    ({ name, most }) => `INSERT INTO quotas (tenant_id, name, most) VALUES (0, '${name}', ${most})`,
  );
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name " +
      "<> 'd1_migrations'",
  ).all<{ name: string }>();
  await run([
    'PRAGMA defer_foreign_keys = on',
    ...results.map(({ name }) => `DELETE FROM ${name}`),
    ...defaults,
  ]);
}

async function measureAt(users: number) {
  const now = Date.now();
  await fillBeside(run, now);
  await fill(run, 0, users, now);
  const measured = await measure(env, users);
  await empty();
  return measured;
}

it('no operation scans, costs more in a larger tenant, or asks D1 oftener than it says', {
  timeout: 120_000,
}, async () => {
  newReceivers();
  // Of other tests.
  await empty();
  const small = await measureAt(1_000);
  const large = await measureAt(5_000);
  expect(large.length).toBeGreaterThan(120);
  expect(large.filter(({ scans }) => scans.length > 0)).toEqual([]);
  const grown = large.flatMap((after) => {
    const before = small.find(({ name }) => name === after.name);
    return before && !grows(before, after)
      ? []
      : `${after.name}: ${before?.rowsRead} and ${after.rowsRead} rows read`;
  });
  expect(grown).toEqual([]);
  const dear = allCases().flatMap((one) =>
    large
      .filter(({ name }) => name === one.name || name.startsWith(`${one.name}, level `))
      .filter(({ trips }) => trips !== tripsOf(one))
      .map(({ name, trips }) => `${name}: ${trips} round trips, not ${tripsOf(one)}`),
  );
  expect(dear).toEqual([]);
});
