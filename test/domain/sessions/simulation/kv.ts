/**
 * The worst KV that Cloudflare allows: writes spread late and out of order, values and missing keys
 * are cached.
 */
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** Epoch milliseconds; from `at` on it is the central copy. */
interface Write {
  at: number;
  /** Null: deleted. */
  value: string | null;
  /** When each location is told of it, in the order of the locations. */
  arrivals: number[];
}

/**
 * A change is seen everywhere within 60 s: as late as a location may be told of it, and then its
 * cache.
 */
const SPREAD_MS = 30_000;
const LEAST_CACHE_SECONDS = 30;
/** A second write to a key within so long is refused. */
const WRITE_INTERVAL_MS = 1_000;

/** From and to; a slow one takes longer than the source waits. */
const READ_MS = [5, 60] as const;
const SLOW_READ_MS = [300, 900] as const;

export class SimulatedKv {
  /** Writes are acknowledged, and lost. */
  lost = false;
  /** Every location is told of every write as late as may be. */
  tardy = false;
  /**
   * The ways of a write to the central copy, and of its acknowledgement back: from and to, in
   * milliseconds.
   */
  writeMs: readonly [number, number] = [5, 150];
  refusals = 0;
  readonly #locations: number;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #writes = new Map<string, Write[]>();
  readonly #accepted = new Map<string, number>();
  /** By location and key. */
  readonly #caches = new Map<string, { value: string | null; until: number }>();

  constructor(locations: number, clock: Clock, random: Random) {
    this.#locations = locations;
    this.#clock = clock;
    this.#random = random;
  }

  /** The central copy. */
  read(key: string): unknown {
    return JSON.parse(this.#writes.get(key)?.at(-1)?.value ?? 'null');
  }

  /** How a location sees it. */
  at(location: number): KVNamespace {
    return {
      get: async (key: string | string[], { cacheTtl = 60 }: { cacheTtl?: number }) => {
        if (cacheTtl < LEAST_CACHE_SECONDS) throw new Error('KV GET failed: 400 Invalid cache_ttl');
        const [least, most] = this.#random.chance(0.02) ? SLOW_READ_MS : READ_MS;
        await this.#clock.wait(this.#random.between(least, most, 5));
        const read = (key: string) =>
          JSON.parse(this.#readAt(location, key, cacheTtl * 1_000) ?? 'null');
        return Array.isArray(key) ? new Map(key.map((one) => [one, read(one)])) : read(key);
      },
      put: (key: string, value: string, { expirationTtl }: { expirationTtl: number }) => {
        if (expirationTtl < 60) throw new Error('KV PUT failed: 400 Invalid expiration_ttl');
        return this.#write(location, 'PUT', key, value);
      },
      delete: (key: string) => this.#write(location, 'DELETE', key, null),
    } as unknown as KVNamespace;
  }

  /** Writes what has long been there. */
  plant(key: string, value: string): void {
    this.#writes.set(key, [{ at: 0, value, arrivals: Array(this.#locations).fill(0) }]);
  }

  #readAt(location: number, key: string, cacheMs: number): string | null {
    const { now } = this.#clock;
    const cached = this.#caches.get(`${location} ${key}`);
    if (cached && cached.until > now) return cached.value;
    const value = this.#seenAt(location, key);
    this.#caches.set(`${location} ${key}`, { value, until: now + cacheMs });
    return value;
  }

  /**
   * What it was told of last, though that be the older; but nothing older than what all must know
   * by now.
   */
  #seenAt(location: number, key: string): string | null {
    const { now } = this.#clock;
    const writes = this.#writes.get(key) ?? [];
    const known = writes.findLastIndex(({ at }) => at + SPREAD_MS <= now);
    const arrival = ({ arrivals }: Write) => arrivals[location] ?? Number.POSITIVE_INFINITY;
    const arrived = writes
      .slice(Math.max(0, known))
      .filter((write) => arrival(write) <= now)
      .sort((one, other) => arrival(one) - arrival(other));
    return arrived.at(-1)?.value ?? null;
  }

  async #write(location: number, verb: string, key: string, value: string | null): Promise<void> {
    const { between, chance } = this.#random;
    const [there, back] = [between(...this.writeMs, 5), between(...this.writeMs, 5)];
    const arrivals = Array.from({ length: this.#locations }, () =>
      between(this.tardy ? SPREAD_MS : 0, SPREAD_MS),
    );
    const atOnce = !this.tardy && chance(0.5);
    await this.#clock.wait(there);
    const { now } = this.#clock;
    const isRefused = now - (this.#accepted.get(key) ?? 0) < WRITE_INTERVAL_MS;
    if (isRefused) this.refusals++;
    else this.#accepted.set(key, now);
    if (!isRefused && !this.lost) {
      if (atOnce) {
        arrivals[location] = 0;
        this.#caches.delete(`${location} ${key}`);
      }
      const write = { at: now, value, arrivals: arrivals.map((delay) => now + delay) };
      this.#writes.set(key, [...(this.#writes.get(key) ?? []), write]);
    }
    await this.#clock.wait(back);
    if (isRefused) throw new Error(`KV ${verb} failed: 429 Too Many Requests`);
  }
}
