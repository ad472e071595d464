/**
 * D1, KV and the assets as they are, but for one call, which fails: before it takes effect, or
 * after, its answer being lost.
 */

import type { Env } from '../../src/front/settings.ts';
import { env } from '../world.ts';
import { inSessions } from './d1.ts';
import { newQueue } from './queue.ts';

export const WAYS = ['before', 'after'] as const;

export interface Failure {
  /** Which call, from 1 on. */
  at: number;
  way: (typeof WAYS)[number];
  /** Whether all later calls fail too: the Worker that makes them has died. */
  isDeath?: boolean;
}

/** What a store says when it fails, and what nobody is told. */
export const PRIVATE = 'Network connection lost';

export interface Stores {
  /** What the queue takes is lost. */
  bindings: Pick<Env, 'DB' | 'SESSIONS' | 'WORK' | 'ASSETS'>;
  /** Every call so far, by its method. */
  calls: string[];
  /** From now on all calls fail, and have no effect. */
  die(): void;
}

export function newStores(failure?: Failure): Stores {
  const calls: string[] = [];
  let isDead = false;

  async function call(name: string, act: () => Promise<unknown>): Promise<unknown> {
    const isHit = calls.push(name) === failure?.at;
    const lost = () => new Error(`${name}: ${PRIVATE}.`);
    if (isDead || (isHit && failure.way === 'before')) {
      isDead ||= failure?.isDeath ?? false;
      throw lost();
    }
    isDead ||= isHit && (failure.isDeath ?? false);
    const answer = await act();
    if (isHit) throw lost();
    return answer;
  }

  type Methods = Record<string, (...args: never[]) => unknown>;
  /** Every method is a call, but for those that `free` has. */
  const watch = <Store extends object>(name: string, store: Store, free: Methods = {}): Store =>
    new Proxy(store, {
      get: (_, method: string) =>
        free[method] ??
        ((...args: never[]) =>
          call(`${name}.${method}`, async () => (store as Methods)[method]?.(...args))),
    });

  const bare = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
  function watchStatement(statement: D1PreparedStatement): D1PreparedStatement {
    const watched = watch('DB', statement, {
      bind: (...values: unknown[]) => watchStatement(statement.bind(...values)),
    });
    bare.set(watched, statement);
    return watched;
  }

  return {
    bindings: {
      DB: inSessions({
        prepare: (sql) => watchStatement(env.DB.prepare(sql)),
        batch: (batch: D1PreparedStatement[]) =>
          call('DB.batch', () => env.DB.batch(batch.map((one) => bare.get(one) ?? one))),
      }),
      SESSIONS: watch('SESSIONS', env.SESSIONS),
      WORK: watch('WORK', newQueue().binding),
      ASSETS: watch('ASSETS', env.ASSETS),
    },
    calls,
    die() {
      isDead = true;
    },
  };
}
