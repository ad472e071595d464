/**
 * How fast one tenant goes in one isolate, so that nobody's burst is what a neighbour waits behind. Limits by the minute
 * let a minute's worth come at once: here it is spread. A tenant that is alone goes at its full rate; one that asks for
 * more than all others together has half of it at most, slows down to a quarter while D1 takes longer than it does at
 * its best, and speeds up again.
 */
import type { Lane, Traffic } from '../domain/traffic.ts';

/** The limit of a tenant counts so many units at once: asking it for each would cost more than many a call does. */
const UNITS_A_COUNT = 10;
/** For one call it is asked so often at most. */
const MOST_COUNTS = 10;

/** How often the limit of a tenant is to be asked now, that so many units more are taken. */
export function countsFor(lane: Lane, units: number): number {
  const counts = Math.floor((lane.uncounted + units) / UNITS_A_COUNT);
  lane.uncounted += units - counts * UNITS_A_COUNT;
  return Math.min(counts, MOST_COUNTS);
}

export const newLane = (rate: number, now: number): Lane => ({
  ...{ taken: 0, done: 0, rate, at: now, steppedAt: now, uncounted: UNITS_A_COUNT - 1 },
});

/** So much may come at once, in seconds' worth: apps start together, and pages load in parallel … */
const BURST_S = 1;
/** … and so much where others are there. */
const CROWDED_BURST_S = 0.2;
/** A call waits no longer, in seconds. */
const PATIENCE_S = 3;
/** Of the rate, where others are there: at first and at most, at least, and how it falls and rises in so many milliseconds. */
const FIRST = 1 / 2;
const LEAST = 1 / 4;
const FALL = 0.7;
const RISE = 1 / 50;
const STEP_MS = 100;
/** Whoever waits looks again after so many milliseconds: the rate may have changed. */
const LOOK_MS = 250;

/** Goes on to now. */
function move(lane: Lane, traffic: Traffic, tenantId: number, full: number, now: number): number {
  const { rate, at } = lane;
  lane.done = Math.min(lane.taken, lane.done + (rate * Math.max(0, now - at)) / 1_000);
  lane.at = now;
  if (!traffic.isCrowdedBy(String(tenantId), now)) {
    lane.rate = full;
    return BURST_S;
  }
  if (rate === full) lane.rate = full * FIRST;
  else if (now - lane.steppedAt >= STEP_MS) {
    lane.steppedAt = now;
    const [least, most] = [full * LEAST, full * FIRST];
    lane.rate = traffic.isSlow()
      ? Math.max(least, rate * FALL)
      : Math.min(most, rate + full * RISE);
  }
  return CROWDED_BURST_S;
}

/**
 * Takes units. Gives what waits for its turn, which comes to false where that takes too long; null, and takes none,
 * where it is clear by now that it would.
 */
export function take(
  lane: Lane,
  traffic: Traffic,
  { tenantId, units, full }: { tenantId: number; units: number; full: number },
): (() => Promise<boolean>) | null {
  const start = Date.now();
  traffic.ask(String(tenantId), units, start);
  const waitFor = (burst: number, place: number) => (place - lane.done) / lane.rate - burst;
  if (waitFor(move(lane, traffic, tenantId, full, start), lane.taken) > PATIENCE_S) return null;
  const place = lane.taken;
  lane.taken += units;
  return async () => {
    for (let now = start; now - start <= 1_000 * PATIENCE_S; now = Date.now()) {
      const wait = 1_000 * waitFor(move(lane, traffic, tenantId, full, now), place);
      if (wait <= 0) return true;
      await scheduler.wait(Math.min(Math.max(wait, 1), LOOK_MS));
    }
    return false;
  };
}
