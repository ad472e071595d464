/** The load itself: virtual clients that each make their next call when the last is answered. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { draw, MIX, type Operation, type Stage } from './mix.ts';

/** Calls of one kind, or within one time. */
export class Tally {
  /** In microseconds; an error is no answer and has none. */
  readonly latencies: RecordableHistogram = createHistogram({ figures: 3 });
  errors = 0;
  readonly #since = performance.now();

  get perSecond(): number {
    return (this.latencies.count * 1000) / (performance.now() - this.#since);
  }

  /** In milliseconds. */
  percentile(share: number): number {
    return this.latencies.count === 0 ? 0 : this.latencies.percentile(share) / 1000;
  }
}

export class Drive {
  /** What went wrong, and how often. */
  readonly faults = new Map<string, number>();
  readonly #stage: Stage;
  readonly #clients = new Set<Promise<void>>();
  #wanted = 0;
  #tallies: Tally[] = [];
  #byOperation = new Map<Operation, Tally>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** How many call at once from now on. Ends when those who are too many have had their answers. */
  async call(clients: number): Promise<void> {
    const before = this.#wanted;
    this.#wanted = clients;
    for (let nth = before; nth < clients; nth++) {
      const client = this.#work(nth).finally(() => this.#clients.delete(client));
      this.#clients.add(client);
    }
    while (this.#clients.size > clients) await Promise.race(this.#clients);
  }

  /** Counts what is answered from now on, until it is told to stop. */
  watch(): Tally {
    const tally = new Tally();
    this.#tallies.push(tally);
    return tally;
  }

  unwatch(tally: Tally): void {
    this.#tallies = this.#tallies.filter((other) => other !== tally);
  }

  /** Counts each kind of call anew from now on. */
  watchOperations(): Map<Operation, Tally> {
    this.#byOperation = new Map(MIX.map((operation) => [operation, new Tally()]));
    return this.#byOperation;
  }

  async #work(nth: number): Promise<void> {
    while (nth < this.#wanted) {
      const operation = draw();
      const start = performance.now();
      let error: unknown;
      try {
        if (!(await operation.run(this.#stage))) continue;
      } catch (thrown) {
        error = thrown;
        this.#note(`${operation.name}: ${thrown instanceof Error ? thrown.message : thrown}`);
      }
      const latency = Math.max(1, Math.round((performance.now() - start) * 1000));
      for (const tally of [...this.#tallies, this.#byOperation.get(operation)]) {
        if (error) tally && tally.errors++;
        else tally?.latencies.record(latency);
      }
    }
  }

  #note(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }
}
