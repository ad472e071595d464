/** The real D1 at a distance: requests and answers take time to travel. */
import { inSessions } from '../../../doubles/d1.ts';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

type Batch = D1PreparedStatement[];

interface Arrival {
  batch: Batch;
  /** Where it stands among those that arrive at the same instant. */
  rank: number;
  resolve(results: D1Result[]): void;
  reject(error: unknown): void;
}

const LEAST_MS = 5;
const MOST_MS = 200;
/**
 * D1 takes its work in at such intervals: a real round trip costs more than all that is sent in it.
 */
const TICK_MS = 100;

export class DistantD1 {
  readonly #d1: D1Database;
  readonly #clock: Clock;
  readonly #random: Random;
  #arrivals: Arrival[] = [];

  constructor(d1: D1Database, clock: Clock, random: Random) {
    this.#d1 = d1;
    this.#clock = clock;
    this.#random = random;
  }

  /** A connection; `onAsk` is told of each batch, `onEffect` when it has taken effect. */
  connect(onAsk: () => void, onEffect: (at: number) => void): D1Database {
    return inSessions({
      prepare: (sql) => this.#d1.prepare(sql),
      batch: async (batch: Batch) => {
        onAsk();
        const [there, back, rank] = [this.#latency(), this.#latency(), this.#random.fraction()];
        const early = (this.#clock.now + there) % TICK_MS;
        await this.#clock.wait(there + (early && TICK_MS - early));
        const results = await this.#execute(batch, rank);
        onEffect(this.#clock.now);
        await this.#clock.wait(back);
        return results;
      },
    });
  }

  #latency(): number {
    return this.#random.between(LEAST_MS, MOST_MS, 5);
  }

  #execute(batch: Batch, rank: number): Promise<D1Result[]> {
    return new Promise((resolve, reject) => {
      if (this.#arrivals.length === 0) queueMicrotask(() => this.#flush());
      this.#arrivals.push({ batch, rank, resolve, reject });
    });
  }

  async #flush(): Promise<void> {
    const arrivals = this.#arrivals.sort((one, other) => one.rank - other.rank);
    this.#arrivals = [];
    try {
      const all = this.#d1.batch(arrivals.flatMap(({ batch }) => batch));
      const results = await this.#clock.track(all);
      for (const { batch, resolve } of arrivals) resolve(results.splice(0, batch.length));
    } catch (error) {
      for (const { reject } of arrivals) reject(error);
    }
  }
}
