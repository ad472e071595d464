/** A deadline for many waits at the price of one timer: for what is nearly always there in time. */
import { waitUntil } from 'cloudflare:workers';

/** How often whoever is on watch looks, in milliseconds. */
const LOOK_MS = 100;
/** After so many milliseconds another takes over: the platform lets no request go on for more than 30 s behind its answer. */
const SHIFT_MS = 5_000;

interface Waiting {
  /** Looks that are left. */
  left: number;
  giveUp(): void;
}

/**
 * One request of an isolate is on watch for all that wait, and goes on behind its own answer until nobody does. The runtime
 * has a promise that one request settles continue in the request that waits for it.
 */
export class SharedTimer {
  readonly #waiting = new Set<Waiting>();
  /** When another is to take over, in epoch milliseconds; 0: nobody is on watch. */
  #until = 0;

  /** What `promise` comes to; undefined when that takes more than `ms` milliseconds. The promise itself goes on. */
  withTimeout<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
    const waited = new Promise<Value | undefined>((resolve, reject) => {
      // The first look comes sooner than a whole pause.
      const waiting = { left: Math.ceil(ms / LOOK_MS) + 1, giveUp: () => resolve(undefined) };
      this.#waiting.add(waiting);
      promise.then(
        (value) => {
          this.#waiting.delete(waiting);
          resolve(value);
        },
        (fault) => {
          this.#waiting.delete(waiting);
          reject(fault);
        },
      );
    });
    const now = Date.now();
    if (now >= this.#until) {
      this.#until = now + SHIFT_MS;
      waitUntil(this.#watch(this.#until));
    }
    return waited;
  }

  /** Looks until nobody waits, or somebody else has taken over. */
  async #watch(until: number): Promise<void> {
    while (this.#waiting.size > 0 && this.#until === until) {
      await scheduler.wait(LOOK_MS);
      for (const waiting of this.#waiting) {
        waiting.left--;
        if (waiting.left > 0) continue;
        this.#waiting.delete(waiting);
        waiting.giveUp();
      }
    }
    if (this.#until === until) this.#until = 0;
  }
}
