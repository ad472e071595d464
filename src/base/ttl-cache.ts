/**
 * A bounded cache of one isolate. The least recently used entries go first, and no entry outlives
 * its time.
 */

interface Entry<Value> {
  value: Value;
  until: number;
  weight: number;
  /** All keys that lead to the entry. */
  keys: string[];
}

/**
 * Keeps two generations. A used entry moves to the young one. When the young one holds half of the
 * capacity, it becomes the old one, and the former old one is dropped. So nothing is ever sorted or
 * evicted one by one.
 */
export class TtlCache<Value> {
  #young = new Map<string, Entry<Value>>();
  #old = new Map<string, Entry<Value>>();
  /** The weight of the young generation. */
  #weight = 0;
  readonly #half: number;
  readonly #weigh: (value: Value) => number;

  /** `capacity` in units of `weigh`, or in entries without it. */
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

  /**
   * `until` in epoch milliseconds. Replaces the value of the key. Its other keys lead to the new
   * value too.
   */
  set(key: string, value: Value, until: number): void {
    const keys = this.#delete(key) ?? [key];
    this.#put({ value, until, weight: this.#weigh(value), keys });
  }

  /** Makes `other` lead to the entry of `key` too, for as long as the entry is there. */
  alias(key: string, other: string): void {
    const entry = this.#young.get(key);
    if (!entry || entry.keys.includes(other)) return;
    entry.keys.push(other);
    this.#young.set(other, entry);
  }

  delete(key: string): void {
    this.#delete(key);
  }

  /** Returns the keys of the removed entry. */
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
