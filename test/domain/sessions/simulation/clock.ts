/** Virtual time. It stands still while work is running, then jumps to the next timer. */
import { vi } from 'vitest';

interface Timer {
  at: number;
  fire(): void;
}

/**
 * Nothing has happened for so many microtasks: all that runs is waiting. From one event to the
 * next, the longest way through the source takes some tens.
 */
const QUIET = 120;

export class Clock {
  /** Epoch milliseconds. */
  now: number;
  readonly #timers = new Map<number, Set<Timer>>();
  /** The times of the timers, the latest first. */
  readonly #times: number[] = [];
  readonly #outstanding = new Set<Promise<unknown>>();
  #events = 0;

  constructor(now: number) {
    this.now = now;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.start(ms, resolve);
    });
  }

  /** Those of one instant fire in the order in which they were started. */
  start(ms: number, fire: () => void): Timer {
    this.#events++;
    const timer = { at: this.now + Math.max(0, Math.round(ms)), fire };
    const together = this.#timers.get(timer.at);
    if (together) together.add(timer);
    else {
      this.#timers.set(timer.at, new Set([timer]));
      let index = this.#times.length;
      while (index > 0 && (this.#times[index - 1] ?? 0) < timer.at) index--;
      this.#times.splice(index, 0, timer.at);
    }
    return timer;
  }

  stop(timer: Timer | undefined): void {
    if (timer) this.#timers.get(timer.at)?.delete(timer);
  }

  /** Time stands still until this real work is done. */
  async track<Value>(work: Promise<Value>): Promise<Value> {
    this.#outstanding.add(work);
    try {
      return await work;
    } finally {
      this.#outstanding.delete(work);
      this.#events++;
    }
  }

  async run(ms: number): Promise<void> {
    const end = this.now + ms;
    await this.#settle();
    for (let next = this.#times.at(-1); next !== undefined && next <= end; ) {
      this.#times.pop();
      const timers = this.#timers.get(next) ?? new Set();
      this.#timers.delete(next);
      if (timers.size > 0) {
        this.now = next;
        for (const { fire } of timers) fire();
        await this.#settle();
      }
      next = this.#times.at(-1);
    }
    this.now = end;
  }

  /** Lets time go on until `work` is done, and gives what it came to. */
  async until<Value>(work: Promise<Value>): Promise<Value> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    for (await this.#settle(); !isDone; await this.#settle()) {
      const next = this.#times.at(-1);
      if (next === undefined) throw new Error('waiting for what will never happen');
      await this.run(next - this.now);
    }
    return work;
  }

  async #settle(): Promise<void> {
    for (let quiet = 0, seen = this.#events; quiet < QUIET; quiet++) {
      if (this.#outstanding.size > 0) await Promise.allSettled(this.#outstanding);
      await null;
      if (this.#events !== seen) quiet = 0;
      seen = this.#events;
    }
  }
}

/** Lets the source wait by this clock, until `vi.unstubAllGlobals()`. */
export function stubTime(clock: Clock): void {
  vi.stubGlobal('scheduler', { wait: (ms: number) => clock.wait(ms) });
  vi.stubGlobal('setTimeout', (fire: () => void, ms = 0) => clock.start(ms, fire));
  vi.stubGlobal('clearTimeout', (timer: Timer | undefined) => clock.stop(timer));
}
