/**
 * An isolate that checks tokens. It counts its calls to the stores, and the stores can be made to
 * fail.
 */
import { vi } from 'vitest';
import { Issuer } from '../../../src/base/issuer.ts';
import { Signer } from '../../../src/base/signer.ts';
import { connect } from '../../../src/db/connect.ts';
import type { Call, Degradation } from '../../../src/domain/permit.ts';
import { type CheckOptions, checkToken } from '../../../src/domain/sessions/check.ts';
import { newIsolate } from '../../../src/index.ts';
import { FULL, isWriting, LOST, never, watchD1 } from '../../doubles/d1.ts';
import { kvWith, tooMany, unreached } from '../../doubles/kv.ts';
import { env } from '../../world.ts';

/** What has befallen a store. */
export interface Faults {
  /** `hung`: it never answers; a promise: when that is kept. */
  kvGet?: 'away' | 'hung' | Promise<void>;
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

const kvFaulty = (faults: Faults, uses: Uses): KVNamespace =>
  kvWith({
    async get(key: string, options: KVNamespaceGetOptions<'json'>) {
      uses.kv++;
      if (faults.kvGet === 'away') return unreached();
      if (faults.kvGet === 'hung') return never();
      if (options.cacheTtl !== 30) throw new Error('a copy may be cached for 30 s, no longer');
      await faults.kvGet;
      if (faults.kvCopy !== undefined) return JSON.parse(faults.kvCopy);
      return env.SESSIONS.get(key, options);
    },
    put(key, value, options) {
      uses.puts++;
      return faults.kvPut ? tooMany('PUT') : env.SESSIONS.put(key, value, options);
    },
  });

const d1Faulty = (faults: Faults, uses: Uses & { attempts: number }): D1Database =>
  watchD1({
    before(trip) {
      uses.d1++;
      if (isWriting(trip)) uses.attempts++;
      if (faults.d1 === 'away') throw new Error(LOST);
      if (faults.d1 === 'hung') return never();
      if (faults.d1 === 'readonly' && isWriting(trip)) throw new Error(FULL);
    },
  }).DB;

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
      db: connect(d1Faulty(faults, uses)),
      kv: kvFaulty(faults, uses),
      work: env.WORK,
      mail: undefined,
      assets: env.ASSETS,
      client: null,
      budget: { writes: 800 },
      isolate,
      issuer,
      signer: new Signer([env.SIGNING_SECRETS]),
      webhookUrls: { own: [], insecure: true },
      relyingParty: null,
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
  /** Waits until the latest check has asked the store. */
  const asked = (store: 'kv' | 'd1') => vi.waitUntil(() => uses[store] > 0, { timeout: 5_000 });
  /** `attempts`: changes that were asked of D1 so far. */
  return { faults, check, asked, attempts: () => uses.attempts };
}
