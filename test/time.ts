/**
 * Time that no test has to wait for. Each holds until the end of the file, or
 * `vi.unstubAllGlobals()`.
 */
import { vi } from 'vitest';

/** Pauses before another try take no time. Gives how long they would have been, in milliseconds. */
export function skipPauses(): number[] {
  const pauses: number[] = [];
  const start = setTimeout;
  const wait = (ms: number) => {
    pauses.push(ms);
    return new Promise((resolve) => start(resolve, 0));
  };
  vi.stubGlobal('scheduler', { wait });
  return pauses;
}

/** Pauses take no time but on the clock, which each sets on, until `vi.useRealTimers()`. */
export function passPauses(): void {
  const start = setTimeout;
  const wait = (ms: number) => {
    vi.setSystemTime(Date.now() + ms);
    return new Promise((resolve) => start(resolve, 0));
  };
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  vi.stubGlobal('scheduler', { wait });
}

/**
 * Who would wait for a store for `least` milliseconds or more gives up after a tenth of that: for
 * stores that hang. Gives how long each would have waited, in milliseconds.
 */
export function shortenPatience(least = 1_000): number[] {
  const waits: number[] = [];
  const start = setTimeout;
  const startSooner = (fire: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    waits.push(ms);
    return start(fire, ms < least ? ms : ms / 10, ...args);
  };
  vi.stubGlobal('setTimeout', startSooner);
  return waits;
}
