/** Measurements: contenders under load in bursts, one after the other, and what that costs each. */
import type { Instance } from './instance.ts';
import type { Load } from './load.ts';
import { type Counts, newCounts } from './memory-bindings.ts';

/** Checks before bursts begin, where no more are needed. */
const WARM_UP = 200;
/** From one warm-up to the next: an isolate of Latchkey remembers a session for 30 seconds. */
const LEG_MS = 24_000;

const USES = ['kvReads', 'kvWrites', 'd1Queries'] as const satisfies (keyof Counts)[];

export interface Reading {
  perSecond: number;
  /** Of the latencies, in microseconds. */
  p50: number;
  p99: number;
  /** Microseconds of workerd's processor time for each check. */
  cpu: number;
  /** For each check; only where storage is answered from memory. */
  counts: Counts;
}

/** One contender's share of a round, as it grows. */
class Share {
  readonly instance: Instance;
  readonly #load: Load;
  readonly #latencies: Float64Array[] = [];
  readonly #counts = newCounts();
  #milliseconds = 0;
  #cpu = 0;
  #before: { cpu: number; counts: Counts } = { cpu: 0, counts: newCounts() };

  constructor(load: Load, instance: Instance) {
    this.#load = load;
    this.instance = instance;
  }

  /**
   * Shows a warm contender all its tokens, at once: what its isolate knew before would end before
   * the others.
   */
  async warmUp(): Promise<void> {
    const { name, contender, requests } = this.instance;
    if (contender.warm) await this.instance.forget();
    await this.#load.run(name, { many: contender.warm ? requests.length : WARM_UP });
  }

  async begin(): Promise<void> {
    this.#before = { counts: await this.instance.counts(), cpu: this.instance.cpu() };
  }

  async burst(limit: number): Promise<void> {
    const { name } = this.instance;
    const { milliseconds, latencies } = await this.#load.run(name, { milliseconds: limit });
    this.#milliseconds += milliseconds;
    this.#latencies.push(latencies);
  }

  async end(): Promise<void> {
    this.#cpu += this.instance.cpu() - this.#before.cpu;
    const counts = await this.instance.counts();
    for (const use of USES) this.#counts[use] += counts[use] - this.#before.counts[use];
  }

  read(): Reading {
    const sorted = Float64Array.from(this.#latencies.flatMap((some) => [...some])).sort();
    const answered = sorted.length;
    const each = (use: keyof Counts) => this.#counts[use] / answered;
    return {
      perSecond: (answered / this.#milliseconds) * 1000,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
      cpu: this.#cpu / answered,
      counts: {
        kvReads: each('kvReads'),
        kvWrites: each('kvWrites'),
        d1Queries: each('d1Queries'),
      },
    };
  }
}

/** How long each is measured, in milliseconds, and in bursts of how long. */
export interface Times {
  total: number;
  burst: number;
}

/** One reading of each. */
export async function measure(
  load: Load,
  instances: Instance[],
  { total, burst }: Times,
): Promise<Reading[]> {
  const shares = instances.map((instance) => new Share(load, instance));
  let bursts = Math.ceil(total / burst);
  while (bursts > 0) {
    const start = performance.now();
    for (const share of shares) await share.warmUp();
    for (const share of shares) await share.begin();
    do {
      for (const share of shares) await share.burst(burst);
      bursts--;
    } while (bursts > 0 && performance.now() - start < LEG_MS);
    for (const share of shares) await share.end();
  }
  return shares.map((share) => share.read());
}

/** Of sorted milliseconds, in microseconds. */
const percentile = (sorted: Float64Array, share: number): number =>
  (sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 1000;

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 ? high : (low + high) / 2;
}
