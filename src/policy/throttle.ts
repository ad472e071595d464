/**
 * Throttles each tenant in one isolate. Limits per minute would let a minute's worth come at once;
 * here it is spread. Each tenant has its own rate, so no tenant slows down another. A tenant that
 * floods loses most of its rate. Uses GCRA (ITU-T I.371): all it needs per tenant is the time when
 * everything it took is worked off.
 */
import type { Throttle } from '../domain/isolate.ts';

/**
 * Units that count once against a tenant's limit. Asking the limit for each unit would cost more
 * than many calls do.
 */
const UNITS_A_COUNT = 10;
/** The most that one call asks the limit. */
const MOST_COUNTS = 10;

/** How often to ask a tenant's limit now that it takes so many units more. */
export function countsFor(throttle: Throttle, units: number): number {
  const counts = Math.floor((throttle.uncounted + units) / UNITS_A_COUNT);
  throttle.uncounted += units - counts * UNITS_A_COUNT;
  return Math.min(counts, MOST_COUNTS);
}

/** The first unit is counted at once. */
export const newThrottle = (): Throttle => ({
  freeAt: 0,
  uncounted: UNITS_A_COUNT - 1,
  asked: 0,
  askedAt: 0,
  isFlooding: false,
  floods: 0,
});

/**
 * The burst that passes without waiting, in milliseconds' worth of units. Pages load in parallel.
 */
const BURST_MS = 100;
/** The longest that a call waits, in milliseconds. */
const PATIENCE_MS = 1_000;
/** No tenant can owe so much, in milliseconds, unless the clock was set back. */
const MOST_MS = 60_000;

/** The time constant by which past demand fades, in milliseconds. */
const FADE_MS = 1_000;
/**
 * A tenant floods if it asks for so many times its rate, refused calls included. Then it gets only
 * this share of its rate.
 */
const FLOOD = 3;
const FLOODING = 1 / 10;

/** The rate of a tenant that asks for so many units more. It is lower while the tenant floods. */
function rateOf(throttle: Throttle, units: number, perSecond: number, now: number): number {
  const faded = Math.exp(-Math.max(0, now - throttle.askedAt) / FADE_MS);
  throttle.asked = throttle.asked * faded + units;
  throttle.askedAt = now;
  const askedPerSecond = (1_000 * throttle.asked) / FADE_MS;
  if (askedPerSecond <= FLOOD * perSecond) {
    throttle.isFlooding = false;
    return perSecond;
  }
  if (!throttle.isFlooding) {
    throttle.isFlooding = true;
    throttle.floods++;
    // Everything that waits is refused.
    throttle.freeAt = Math.min(throttle.freeAt, now + BURST_MS);
  }
  return FLOODING * perSecond;
}

/**
 * Whether a flood began since there had been so many `floods`, and goes on. Calls that still wait
 * are refused then. Otherwise neighbours would notice them for as long as they wait. The time would
 * not tell: it stands still while an isolate works.
 */
export const isFlooded = ({ isFlooding, floods }: Throttle, before: number): boolean =>
  isFlooding && floods > before;

const waitFor = (throttle: Throttle, now: number): number =>
  throttle.freeAt > now + MOST_MS ? 0 : Math.max(0, throttle.freeAt - now - BURST_MS);

/**
 * Whether units are refused because they would have to wait too long. Refused units count as
 * demand.
 */
export function isRefused(
  throttle: Throttle,
  units: number,
  perSecond: number,
  now: number,
): boolean {
  if (waitFor(throttle, now) <= PATIENCE_MS) return false;
  rateOf(throttle, units, perSecond, now);
  return true;
}

/**
 * Takes units at a rate per second. Returns how long to wait for them, in milliseconds. Null if
 * that is too long: then none are taken.
 */
export function take(
  throttle: Throttle,
  units: number,
  perSecond: number,
  now: number,
): number | null {
  const rate = rateOf(throttle, units, perSecond, now);
  const wait = waitFor(throttle, now);
  if (wait > PATIENCE_MS) return null;
  const free = throttle.freeAt > now + MOST_MS ? now : Math.max(throttle.freeAt, now);
  throttle.freeAt = Math.min(free + (units * 1_000) / rate, now + MOST_MS);
  return wait;
}
