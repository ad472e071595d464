/**
 * An isolate that checks tokens. It counts its calls to the stores, and the stores can be made to
 * fail.
 */
import { Issuer } from '../../src/base/issuer.ts';
import { connect } from '../../src/db/connect.ts';
import type { Call, Degradation } from '../../src/domain/permit.ts';
import { type CheckOptions, checkToken } from '../../src/domain/sessions/check.ts';
import { newIsolate } from '../../src/index.ts';
import { inSessions } from '../d1.ts';
import { env } from '../world.ts';

/** What has befallen a store. */
export interface Faults {
  /** `hung`: it never answers; a number: after so many milliseconds. */
  kvGet?: 'away' | 'hung' | number;
  /** What KV has for every key. */
  kvCopy?: string;
  kvPut?: 'refused';
  /** `readonly`: it answers, and refuses to write. */
  d1?: 'away' | 'hung' | 'readonly';
}

/** Calls up to the verdict. */
interface Uses {
  kv: number;
  puts: number;
  d1: number;
}

export interface Checked {
  kind: 'allowed' | 'denied' | 'unknown';
  uses: Uses;
  expiresAt?: number;
  degraded?: Degradation;
  /** Milliseconds up to the verdict, of real time. */
  took: number;
}

const never = () => new Promise<never>(() => {});
const gone = (what: string) => Promise.reject(new Error(what));

function kvWith(faults: Faults, uses: Uses): KVNamespace {
  return {
    async get(key: string, options: KVNamespaceGetOptions<'json'>) {
      uses.kv++;
      if (faults.kvGet === 'away') return gone('KV GET failed: 503 Service Unavailable');
      if (faults.kvGet === 'hung') return never();
      if (options.cacheTtl !== 30) throw new Error('a copy may be cached for 30 s, no longer');
      if (faults.kvGet) await scheduler.wait(faults.kvGet);
      if (faults.kvCopy !== undefined) return JSON.parse(faults.kvCopy);
      return env.SESSIONS.get(key, options);
    },
    put(key: string, value: string, options: KVNamespacePutOptions) {
      uses.puts++;
      if (faults.kvPut) return gone('KV PUT failed: 429 Too Many Requests');
      return env.SESSIONS.put(key, value, options);
    },
    delete: (key: string) => env.SESSIONS.delete(key),
  } as unknown as KVNamespace;
}

function faultyD1(faults: Faults, uses: Uses & { attempts: number }): D1Database {
  const named = (sql: string, statement: D1PreparedStatement): D1PreparedStatement =>
    ({
      bind: (...values: unknown[]) => named(sql, statement.bind(...values)),
      statement,
      sql,
    }) as unknown as D1PreparedStatement;
  return inSessions({
    prepare: (sql: string) => named(sql, env.DB.prepare(sql)),
    batch(batch: { statement: D1PreparedStatement; sql: string }[]) {
      uses.d1++;
      const changes = batch.some(({ sql }) => /^\s*(UPDATE|INSERT|DELETE)/.test(sql));
      if (changes) uses.attempts++;
      if (faults.d1 === 'away') return gone('D1_ERROR: Network connection lost.');
      if (faults.d1 === 'hung') return never();
      if (faults.d1 === 'readonly' && changes) {
        return gone('D1_ERROR: Exceeded maximum DB size.');
      }
      return env.DB.batch(batch.map(({ statement }) => statement));
    },
  });
}

export function newProbe(faults: Faults = {}) {
  const isolate = newIsolate();
  const issuer = new Issuer([env.TOKEN_SECRETS]);
  const uses = { kv: 0, puts: 0, d1: 0, attempts: 0 };

  async function check(
    token: string,
    options: Partial<CheckOptions> = {},
    now = Date.now(),
  ): Promise<Checked> {
    Object.assign(uses, { kv: 0, puts: 0, d1: 0 });
    const deferred: (() => Promise<unknown>)[] = [];
    let degraded: Degradation | undefined;
    const call: Call = {
      requestId: 'test',
      now,
      db: connect(faultyD1(faults, uses)),
      kv: kvWith(faults, uses),
      work: env.WORK,
      assets: env.ASSETS,
      budget: { writes: 800 },
      isolate,
      issuer,
      degrade(how) {
        degraded = how;
      },
      defer: (work) => deferred.push(work),
    };
    const start = performance.now();
    const verdict = await checkToken(call, token, {
      consistency: 'FAST',
      activity: true,
      ...options,
    });
    const took = performance.now() - start;
    const { attempts: _, ...counted } = uses;
    for (let work = deferred.shift(); work; work = deferred.shift()) await work().catch(() => {});
    return {
      kind: verdict.kind,
      took,
      uses: counted,
      ...('record' in verdict ? { expiresAt: verdict.record.expiresAt } : {}),
      ...(degraded ? { degraded } : {}),
    };
  }
  /** `attempts`: changes that were asked of D1 so far. */
  return { faults, check, attempts: () => uses.attempts };
}
