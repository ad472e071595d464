/** Orders to the thread that makes the load, so that it shares no event loop with Miniflare. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Where requests go, and what must come of them. */
export interface Target {
  name: string;
  port: number;
  /** Whole HTTP/1.1 requests, sent in turn from one order to the next. */
  requests: string[];
  /** What each answer must be, and hold. */
  status: number;
  marker: string;
}

/**
 * A target that is new, or the name of one with how long to load it: so many answers or
 * milliseconds, whichever is sooner.
 */
export type Order = Target | { name: string; many: number; milliseconds: number };

export interface Outcome {
  milliseconds: number;
  /** Of each answer, in milliseconds. */
  latencies: Float64Array;
}

export class Load {
  readonly #thread = new Worker(new URL('./load-thread.ts', import.meta.url));

  async add(target: Target): Promise<void> {
    await this.#send(target);
  }

  /** Throws, with the answer, when one is not as it must be. */
  run(name: string, limit: { many: number } | { milliseconds: number }): Promise<Outcome> {
    return this.#send({ name, many: Infinity, milliseconds: Infinity, ...limit });
  }

  async end(): Promise<void> {
    await this.#thread.terminate();
  }

  async #send(order: Order): Promise<Outcome> {
    this.#thread.postMessage(order);
    const [outcome] = await once(this.#thread, 'message');
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }
}
