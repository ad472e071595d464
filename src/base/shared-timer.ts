/**
 * One timer for the timeouts of many requests. For operations that nearly always finish in time.
 */
import { waitUntil } from 'cloudflare:workers';

/** How often the timer fires, in milliseconds. */
const LOOK_MS = 100;
/**
 * After so many milliseconds another request takes over the timer. The platform stops a request 30
 * s after its response.
 */
const SHIFT_MS = 5_000;

interface Waiting {
  /** How many ticks are left. */
  left: number;
  giveUp(): void;
}

/**
 * One request of an isolate runs the timer for all that wait. It goes on behind its own response
 * until none waits. If one request settles the promise of another, the runtime continues in the one
 * that waits.
 */
export class SharedTimer {
  readonly #waiting = new Set<Waiting>();
  /** When another request takes over, in epoch milliseconds. 0: no timer runs. */
  #until = 0;

  /**
   * The result of `promise`. Undefined if it takes more than `ms` milliseconds. The promise itself
   * goes on.
   */
  withTimeout<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
    const waited = new Promise<Value | undefined>((resolve, reject) => {
      // The first tick comes sooner than a whole interval.
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

  /** Ticks until no request waits, or until another request has taken over. */
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
