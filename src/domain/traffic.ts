/** What goes on in one isolate: who asks for how much, and whether D1 is as fast as it can be. */
import { Memory } from '../base/memory.ts';

/** Of one tenant, in units. */
export interface Lane {
  /** All that was ever taken, and how much of that is worked off, at a rate by the second. */
  taken: number;
  done: number;
  rate: number;
  /** Epoch milliseconds: since when `done` is so, and `rate`. */
  at: number;
  steppedAt: number;
  /** What is not counted yet against the tenant's limit. */
  uncounted: number;
}

interface Demand {
  units: number;
  at: number;
}

/** After so many milliseconds what was asked for counts a third. */
const FADE_MS = 2_000;
const TENANTS = 10_000;
/** What others must ask for, to be there. */
const SOMEBODY = 1;
/** For so long the best round trip is remembered, in milliseconds: from one to two of these. */
const BEST_MS = 30_000;
/** What a round trip weighs in the mean of late. */
const WEIGHT = 0.1;
/** D1 is slow when it takes so many times its best, and so many milliseconds more. */
const TIMES_BEST = 2;
const NOISE_MS = 5;

const fade = (demand: Demand, now: number): Demand => ({
  units: demand.units * Math.exp(-Math.max(0, now - demand.at) / FADE_MS),
  at: now,
});

export class Traffic {
  #all: Demand = { units: 0, at: 0 };
  readonly #byTenant = new Memory<Demand>(TENANTS);
  #recent = 0;
  #best = Number.POSITIVE_INFINITY;
  #bestBefore = Number.POSITIVE_INFINITY;
  #since = 0;

  /** Somebody asks for something, be it refused. */
  ask(tenantId: string, units: number, now: number): void {
    const theirs = this.#of(tenantId, now);
    this.#byTenant.set(
      tenantId,
      { units: theirs.units + units, at: now },
      Number.POSITIVE_INFINITY,
    );
    const all = fade(this.#all, now);
    this.#all = { units: all.units + units, at: now };
  }

  /** Whether others are there, and ask for less, all together, than this one. */
  isCrowdedBy(tenantId: string, now: number): boolean {
    const theirs = this.#of(tenantId, now).units;
    const others = fade(this.#all, now).units - theirs;
    return others > SOMEBODY && others < theirs;
  }

  #of(tenantId: string, now: number): Demand {
    return fade(this.#byTenant.get(tenantId, now) ?? { units: 0, at: now }, now);
  }

  /** A round trip to D1 took so many milliseconds. */
  note(took: number, now: number): void {
    if (Math.abs(now - this.#since) > BEST_MS) {
      this.#bestBefore = this.#best;
      this.#best = Number.POSITIVE_INFINITY;
      this.#since = now;
    }
    this.#best = Math.min(this.#best, took);
    this.#recent += WEIGHT * (took - this.#recent);
  }

  isSlow(): boolean {
    return this.#recent > TIMES_BEST * Math.min(this.#best, this.#bestBefore) + NOISE_MS;
  }
}
