/** Isolates at several locations, each with a memory of its own, on one D1 and one KV. */
import { Issuer } from '../../../../src/base/issuer.ts';
import type { MaybePromise } from '../../../../src/base/maybe-promise.ts';
import { Signer } from '../../../../src/base/signer.ts';
import { connect } from '../../../../src/db/connect.ts';
import type { Call } from '../../../../src/domain/permit.ts';
import {
  type CheckOptions,
  checkToken,
  type Verdict,
} from '../../../../src/domain/sessions/check.ts';
import { sweep } from '../../../../src/domain/work/sweep.ts';
import { work } from '../../../../src/domain/work/work.ts';
import { WRITES } from '../../../../src/front/request-context.ts';
import { newIsolate } from '../../../../src/index.ts';
import { env } from '../../../world.ts';
import { Clock, stubTime } from './clock.ts';
import { DistantD1 } from './d1.ts';
import { Invocation } from './invocation.ts';
import { SimulatedKv } from './kv.ts';
import { SimulatedQueue } from './queue.ts';
import { newRandom, type Random } from './random.ts';

const START = Date.UTC(2040, 0, 1);

/** A verdict, and when its question was put. */
export interface Told {
  kind: Verdict['kind'];
  askedAt: number;
}

/** What a call came to, and when its last batch took effect in D1. */
interface Done<Result> {
  result: Result;
  effectAt: number;
  /** When all behind the answer is done. */
  whole: Promise<void>;
}

export interface SimulatedIsolate {
  /**
   * Runs one call, and starts its work behind the answer once that is there, unless the Worker dies
   * then.
   */
  visit<Result>(act: (call: Call) => MaybePromise<Result>, dies?: boolean): Promise<Done<Result>>;
  /** From the copies and without activity, unless `options` say otherwise. */
  check(token: string, options?: Partial<CheckOptions>): Promise<Told>;
}

export interface Simulation {
  clock: Clock;
  random: Random;
  kv: SimulatedKv;
  queue: SimulatedQueue;
  isolates: SimulatedIsolate[];
  /** One more at each location, that remembers nothing. */
  newIsolates(): SimulatedIsolate[];
  /** What the clock starts each minute, some time after the last. */
  sweep(): Promise<void>;
  /** Runs on until no call and no work behind an answer is under way; throws what failed. */
  quieten(): Promise<void>;
}

export function simulate(seed: number, locations = 3, isolatesEach = 2): Simulation {
  const clock = new Clock(START);
  const random = newRandom(seed);
  const kv = new SimulatedKv(locations, clock, random);
  const d1 = new DistantD1(env.DB, clock, random);
  let underWay = 0;
  const faults: unknown[] = [];
  stubTime(clock);

  /**
   * What fails is told by `quieten`, and never comes to anything: a simulation has many loose ends.
   */
  async function follow<Result>(work: MaybePromise<Result>): Promise<Result> {
    underWay++;
    try {
      return await work;
    } catch (fault) {
      faults.push(fault);
      return new Promise(() => {});
    } finally {
      underWay--;
    }
  }

  const start = (work: () => Promise<unknown>): Promise<unknown> =>
    follow(clock.wait(0).then(work));

  const queue = new SimulatedQueue(clock, async (nudge) => {
    const { result, whole } = await random.pick(isolates).visit((call) =>
      work(call, nudge).then(
        () => null,
        (error: unknown) => ({ error }),
      ),
    );
    await whole;
    if (result) throw result.error;
  });

  function newSimulatedIsolate(location: number): SimulatedIsolate {
    const isolate = newIsolate();
    const issuer = new Issuer([env.TOKEN_SECRETS]);
    const signer = new Signer([env.SIGNING_SECRETS]);
    const near = kv.at(location);

    async function visit<Result>(
      act: (call: Call) => MaybePromise<Result>,
      dies = false,
    ): Promise<Done<Result>> {
      let effectAt = Number.NaN;
      let isAnswered = false;
      const invocation = new Invocation();
      const deferred: (() => Promise<unknown>)[] = [];
      const behind: Promise<unknown>[] = [];
      const defer = (work: () => Promise<unknown>) => {
        if (!dies) behind.push(start(work));
      };
      const call: Call = {
        requestId: 'simulated',
        now: clock.now,
        db: connect(
          d1.connect(
            () => invocation.count(),
            (at) => {
              if (!isAnswered) effectAt = at;
            },
          ),
        ),
        kv: invocation.limit(near),
        work: invocation.limit(queue),
        mail: undefined,
        assets: env.ASSETS,
        budget: { writes: WRITES },
        client: null,
        isolate,
        issuer,
        signer,
        webhookUrls: { own: [], insecure: true },
        relyingParty: null,
        degrade() {},
        defer: (work) => (isAnswered ? defer(work) : deferred.push(work)),
      };
      const result = await follow(act(call));
      isAnswered = true;
      for (const work of deferred) defer(work);
      const whole = async () => {
        for (let work = behind.shift(); work; work = behind.shift()) await work;
      };
      return { result, effectAt, whole: whole() };
    }

    return {
      visit,
      async check(token, options = {}) {
        const asked = { consistency: 'FAST', activity: false, ...options } as const;
        const askedAt = clock.now;
        const { result } = await visit((call) => checkToken(call, token, asked));
        return { kind: result.kind, askedAt };
      },
    };
  }

  const newIsolates = (each: number): SimulatedIsolate[] =>
    Array.from({ length: locations * each }, (_, index) => newSimulatedIsolate(index % locations));

  const isolates = newIsolates(isolatesEach);

  return {
    ...{ clock, random, kv, queue, isolates },
    async sweep() {
      await (await random.pick(isolates).visit((call) => sweep(call, { auditDays: undefined })))
        .whole;
    },
    newIsolates: () => newIsolates(1),
    async quieten() {
      do await clock.run(100);
      while (underWay > 0);
      if (faults.length > 0) throw faults[0];
    },
  };
}
