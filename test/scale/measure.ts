/** What each operation costs in D1. */
import type { Env } from '../../src/front/settings.ts';
import { isScan, plansOf } from '../plans.ts';
import { calls } from './calls.ts';
import { graphql, Isolate } from './isolate.ts';
import type { Measured } from './judge.ts';

/** Every operation once, with `users` in the large tenant. */
export async function measure(env: Env, users: number): Promise<Measured[]> {
  const costs = [];
  for await (const { name, key, request, status } of calls(env, users)) {
    const isolate = new Isolate(env);
    if (request) {
      // Who holds the key, an isolate mostly knows; of sessions it knows nothing yet.
      const isByKey = request.headers.get('Authorization')?.endsWith(key);
      if (isByKey) await isolate.fetch(graphql(key, '{ caller { kind } }'));
      await isolate.fetch(request, status);
    } else await isolate.sweep();
    costs.push({ name, ...isolate.cost });
  }
  const asked = new Set(costs.flatMap(({ statements }) => Object.keys(statements)));
  const plans = await plansOf(env.DB, asked);
  return costs.map(({ statements, ...cost }) => {
    const explained = Object.entries(statements).map(
      ([sql, rows]) => [sql, { ...rows, plan: plans.get(sql) ?? [] }] as const,
    );
    const scans = new Set(explained.flatMap(([, { plan }]) => plan.filter(isScan)));
    return { ...cost, statements: Object.fromEntries(explained), scans: [...scans] };
  });
}
