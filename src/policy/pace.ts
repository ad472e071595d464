/**
 * How fast one tenant goes in one isolate, so that nobody's burst is what a neighbour waits behind. Limits by the minute
 * let a minute's worth come at once: here it is spread. By arithmetic alone (GCRA, as ITU-T I.371 has it): for each
 * tenant it is enough to know when all that was taken so far will be worked off.
 */
import type { Memory } from '../base/memory.ts';

/** Of each tenant, by id: when what it took is worked off, in epoch milliseconds. */
export type Paces = Memory<number>;

/** So much may come at once, in milliseconds' worth of units: apps start together, and pages load in parallel. */
const BURST_MS = 1_000;
/** A call waits no longer, in milliseconds. */
const PATIENCE_MS = 2_000;

/** Nobody can owe so much: the clock was put back. */
const MOST_MS = 60_000;

/**
 * Takes units, at so many a second, and gives how long to wait for them, in milliseconds; null, and takes none, when
 * that would be too long.
 */
export function take(
  paces: Paces,
  tenantId: number,
  units: number,
  unitsPerSecond: number,
  now: number,
): number | null {
  const key = String(tenantId);
  const known = paces.get(key, now) ?? 0;
  const free = known > now + MOST_MS ? now : Math.max(known, now);
  const wait = Math.max(0, free - now - BURST_MS);
  if (wait > PATIENCE_MS) return null;
  const until = Math.min(free + (units * 1_000) / unitsPerSecond, now + MOST_MS);
  paces.set(key, until, until);
  return wait;
}
