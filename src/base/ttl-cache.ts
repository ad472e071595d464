/** A bounded memory of one isolate: what was not used for longest goes first, nothing outlives its time. */

interface Entry<Value> {
  value: Value;
  until: number;
  weight: number;
  /** All that it is found by. */
  keys: string[];
}

/**
 * Two generations: what is used moves to the young one; when that holds half of the capacity, it becomes the old one,
 * and the old one is forgotten. So nothing is ever sorted, searched or removed one by one.
 */
export class TtlCache<Value> {
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
    if (!young) this.#put(entry);
    return entry.value;
  }

  /** `until` in epoch milliseconds. What had the key before goes; the other keys of it lead to the new value. */
  set(key: string, value: Value, until: number): void {
    const keys = this.#delete(key) ?? [key];
    this.#put({ value, until, weight: this.#weigh(value), keys });
  }

  /** Has what is found by `key` found by another key as well, for as long as it is there. */
  alias(key: string, other: string): void {
    const entry = this.#young.get(key);
    if (!entry || entry.keys.includes(other)) return;
    entry.keys.push(other);
    this.#young.set(other, entry);
  }

  delete(key: string): void {
    this.#delete(key);
  }

  /** Gives the keys of what was there. */
  #delete(key: string): string[] | undefined {
    const young = this.#young.get(key);
    const old = this.#old.get(key);
    if (young) this.#weight -= young.weight;
    for (const one of young?.keys ?? []) this.#young.delete(one);
    for (const one of old?.keys ?? []) this.#old.delete(one);
    return (young ?? old)?.keys;
  }

  #put(entry: Entry<Value>): void {
    this.#weight += entry.weight;
    if (this.#weight > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = entry.weight;
    }
    for (const key of entry.keys) this.#young.set(key, entry);
  }
}
