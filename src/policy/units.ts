/** What calls count, in units: of a credential by its calls, of a tenant by what these ask for. */

import type { Lane } from '../domain/isolate.ts';
import type { Call } from '../domain/permit.ts';
import { isWithin, type Limits, tooFast, tooMany } from './limits.ts';
import { countsFor, newLane, take } from './pace.ts';

/** For so many milliseconds who was told that it was too much is told so again, from memory. */
const REFUSED_MS = 1_000;
/** So many bytes of a body are one more unit. */
const BYTES_A_UNIT = 10_000;
const MOST_BYTES = 1_000_000;

/** Throws LIMITED, and remembers that for a moment. `id`: of a credential or a tenant. */
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

/** What is left to do for units that a tenant has taken. */
interface Taken {
  /** Counts them against the tenant's limit. Throws LIMITED. */
  count(): Promise<void>;
  /** Waits until it is their turn. */
  wait(): Promise<void>;
}

/**
 * One session takes at most this part of what its tenant may go on with, so that one user starves
 * no company.
 */
export const OF_A_SESSION = 1 / 4;

/** Who takes units: a tenant, and the session where it is one that asks. */
interface Taker {
  tenantId: number;
  sessionId: string | undefined;
}

function laneOf({ isolate: { lanes }, now }: Call, name: string): Lane {
  const lane = lanes.get(name, now) ?? newLane();
  lanes.set(name, lane, Number.POSITIVE_INFINITY);
  return lane;
}

/**
 * Takes what is asked for, by this isolate's memory alone: what a session is refused is not its
 * tenant's. Throws LIMITED.
 */
export function takeUnits(
  call: Call,
  { tenantId, sessionId }: Taker,
  units: number,
  { callsByTenant, unitsPerSecond }: Limits,
): Taken {
  const now = Date.now();
  const waits: number[] = [];
  const takeFrom = (lane: Lane, perSecond: number) => {
    const wait = take(lane, units, perSecond, now);
    if (wait === null) throw tooFast();
    waits.push(wait);
  };
  if (sessionId !== undefined) takeFrom(laneOf(call, sessionId), OF_A_SESSION * unitsPerSecond);
  const name = String(tenantId);
  const lane = laneOf(call, name);
  takeFrom(lane, unitsPerSecond);
  if (call.isolate.limited.get(name, call.now)) throw tooMany();
  return {
    count: () => count(call, callsByTenant, name, countsFor(lane, units)),
    wait: async () => {
      const wait = Math.max(...waits);
      if (wait > 0) await scheduler.wait(wait);
    },
  };
}

/** What a body counts, by its length. No face takes more than a megabyte. */
export const unitsOf = (bytes: number): number =>
  bytes > 0 ? Math.floor(Math.min(bytes, MOST_BYTES) / BYTES_A_UNIT) : 0;
