/**
 * Units, by which calls are charged: a credential pays per call, a tenant for what the calls ask.
 */

import type { Throttle } from '../domain/isolate.ts';
import type { Call } from '../domain/permit.ts';
import { isWithin, type Limits, tooFast, tooMany } from './limits.ts';
import { countsFor, isFlooded, newThrottle, take } from './throttle.ts';

/** How long a refusal is repeated from memory, in milliseconds. */
const REFUSED_MS = 1_000;
/** So many bytes of a body cost one unit more. */
const BYTES_A_UNIT = 10_000;
const MOST_BYTES = 1_000_000;

/**
 * Counts against a limit. Throws LIMITED, and remembers that for a moment. `id` is of a credential
 * or a tenant.
 */
export async function count(
  { isolate, now }: Call,
  limit: RateLimit,
  id: string,
  times: number,
): Promise<void> {
  const counts = await Promise.all(Array.from({ length: times }, () => isWithin(limit, id)));
  if (counts.every(Boolean)) return;
  isolate.limited.set(id, true, now + REFUSED_MS);
  throw tooMany();
}

/** What is left to do for units that were taken. */
export interface Taken {
  /** Counts them against the tenant's limit. Throws LIMITED. */
  count(): Promise<void>;
  /** Waits until they are due. Throws LIMITED if a flood begins meanwhile. */
  wait(): Promise<void>;
}

/**
 * The most that one session takes of its tenant's rate, so that one user cannot starve a company.
 */
export const SESSION_SHARE = 1 / 4;

/** Who takes units: a tenant, and a session if one is asking. */
interface Taker {
  tenantId: number;
  sessionId: string | undefined;
}

function throttleOf({ isolate: { throttles }, now }: Call, name: string): Throttle {
  const throttle = throttles.get(name, now) ?? newThrottle();
  throttles.set(name, throttle, Number.POSITIVE_INFINITY);
  return throttle;
}

/**
 * Takes units, by the memory of this isolate alone. What is refused to a session is not charged to
 * its tenant. Throws LIMITED.
 */
export function takeUnits(
  call: Call,
  { tenantId, sessionId }: Taker,
  units: number,
  { callsByTenant, unitsPerSecond }: Limits,
): Taken {
  const now = Date.now();
  const throttles: { throttle: Throttle; floods: number }[] = [];
  let longest = 0;
  const takeFrom = (throttle: Throttle, perSecond: number) => {
    const wait = take(throttle, units, perSecond, now);
    if (wait === null) throw tooFast();
    throttles.push({ throttle, floods: throttle.floods });
    longest = Math.max(longest, wait);
  };
  if (sessionId !== undefined)
    takeFrom(throttleOf(call, sessionId), SESSION_SHARE * unitsPerSecond);
  const name = String(tenantId);
  const throttle = throttleOf(call, name);
  takeFrom(throttle, unitsPerSecond);
  if (call.isolate.limited.get(name, call.now)) throw tooMany();
  return {
    count: () => count(call, callsByTenant, name, countsFor(throttle, units)),
    wait: async () => {
      if (longest === 0) return;
      await scheduler.wait(longest);
      if (throttles.some(({ throttle, floods }) => isFlooded(throttle, floods))) throw tooFast();
    },
  };
}

/** The units of a body, by its length. No face takes more than a megabyte. */
export const unitsOf = (bytes: number): number =>
  bytes > 0 ? Math.floor(Math.min(bytes, MOST_BYTES) / BYTES_A_UNIT) : 0;
