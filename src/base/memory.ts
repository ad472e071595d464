/** A bounded memory of one isolate: what was not used for longest goes first, nothing outlives its time. */

interface Entry<Value> {
  value: Value;
  until: number;
  weight: number;
}

/**
 * Two generations: what is used moves to the young one; when that holds half of the capacity, it becomes the old one,
 * and the old one is forgotten. So nothing is ever sorted, searched or removed one by one.
 */
export class Memory<Value> {
  #young = new Map<string, Entry<Value>>();
  #old = new Map<string, Entry<Value>>();
  /** Of the young. */
  #weight = 0;
  readonly #half: number;
  readonly #weigh: (value: Value) => number;

  /** `capacity` in what `weigh` counts; in entries without it. */
  constructor(capacity: number, weigh: (value: Value) => number = () => 1) {
    this.#half = capacity / 2;
    this.#weigh = weigh;
  }

  get(key: string, now: number): Value | undefined {
    const young = this.#young.get(key);
    const entry = young ?? this.#old.get(key);
    if (!entry || entry.until <= now) return undefined;
    if (!young) this.#put(key, entry);
    return entry.value;
  }

  /** `until` in epoch milliseconds. */
  set(key: string, value: Value, until: number): void {
    this.#put(key, { value, until, weight: this.#weigh(value) });
  }

  delete(key: string): void {
    this.#weight -= this.#young.get(key)?.weight ?? 0;
    this.#young.delete(key);
    this.#old.delete(key);
  }

  #put(key: string, entry: Entry<Value>): void {
    this.#weight += entry.weight - (this.#young.get(key)?.weight ?? 0);
    if (this.#weight > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = entry.weight;
    }
    this.#young.set(key, entry);
  }
}
