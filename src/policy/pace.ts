/**
 * How fast one tenant goes in one isolate. Limits by the minute let a minute's worth come at once:
 * here it is spread. Each tenant has a rate of its own, whatever others do, so that nobody slows
 * down a neighbour. Whoever floods loses most of it. By arithmetic alone (GCRA, ITU-T I.371): for
 * each tenant it is enough to know when all that it took will be worked off.
 */
import type { Lane } from '../domain/isolate.ts';

/**
 * The limit of a tenant counts so many units at once: asking it for each would cost more than many
 * a call does.
 */
const UNITS_A_COUNT = 10;
/** For one call it is asked so often at most. */
const MOST_COUNTS = 10;

/** How often the limit of a tenant is to be asked now, that so many units more are taken. */
export function countsFor(lane: Lane, units: number): number {
  const counts = Math.floor((lane.uncounted + units) / UNITS_A_COUNT);
  lane.uncounted += units - counts * UNITS_A_COUNT;
  return Math.min(counts, MOST_COUNTS);
}

/** The first unit is counted. */
export const newLane = (): Lane => ({
  freeAt: 0,
  uncounted: UNITS_A_COUNT - 1,
  asked: 0,
  askedAt: 0,
});

/**
 * So much may come at once, in milliseconds' worth of units: pages load in parallel. More waits its
 * turn.
 */
const BURST_MS = 200;
/** A call waits no longer, in milliseconds. */
const PATIENCE_MS = 1_000;
/** Nobody owes so much, in milliseconds, unless the clock was put back. */
const MOST_MS = 60_000;

/** What was asked for counts a third after so many milliseconds. */
const FADE_MS = 1_000;
/**
 * Whoever asks for so many times the rate, what is refused included, floods, and goes at this part
 * of it.
 */
const FLOOD = 3;
const FLOODING = 1 / 10;

/** The rate of a tenant that asks for so many units more: its own, or less while it floods. */
function rateOf(lane: Lane, units: number, perSecond: number, now: number): number {
  const faded = Math.exp(-Math.max(0, now - lane.askedAt) / FADE_MS);
  lane.asked = lane.asked * faded + units;
  lane.askedAt = now;
  const askedPerSecond = (1_000 * lane.asked) / FADE_MS;
  return askedPerSecond > FLOOD * perSecond ? FLOODING * perSecond : perSecond;
}

const waitFor = (lane: Lane, now: number): number =>
  lane.freeAt > now + MOST_MS ? 0 : Math.max(0, lane.freeAt - now - BURST_MS);

/**
 * Whether units are refused, because they would have to wait for too long. They count as asked for
 * then.
 */
export function isRefused(lane: Lane, units: number, perSecond: number, now: number): boolean {
  if (waitFor(lane, now) <= PATIENCE_MS) return false;
  rateOf(lane, units, perSecond, now);
  return true;
}

/**
 * Takes units, at so many a second. Gives how long to wait for them, in milliseconds; where that
 * would be too long, takes none and gives null.
 */
export function take(lane: Lane, units: number, perSecond: number, now: number): number | null {
  const wait = waitFor(lane, now);
  const rate = rateOf(lane, units, perSecond, now);
  if (wait > PATIENCE_MS) return null;
  const free = lane.freeAt > now + MOST_MS ? now : Math.max(lane.freeAt, now);
  lane.freeAt = Math.min(free + (units * 1_000) / rate, now + MOST_MS);
  return wait;
}
