/** A bounded memory of one isolate: least recently used goes first, nothing outlives its time. */

interface Entry<Value> {
  value: Value;
  until: number;
  weight: number;
}

export class Memory<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #capacity: number;
  readonly #weigh: (value: Value) => number;
  #weight = 0;

  /** `capacity` in what `weigh` counts; in entries without it. */
  constructor(capacity: number, weigh: (value: Value) => number = () => 1) {
    this.#capacity = capacity;
    this.#weigh = weigh;
  }

  get(key: string, now: number): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.until <= now) {
      this.#remove(key, entry);
      return undefined;
    }
    // A map keeps the order of insertion: what is used goes to its end.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** `until` in epoch milliseconds. */
  set(key: string, value: Value, until: number): void {
    this.delete(key);
    const weight = this.#weigh(value);
    this.#entries.set(key, { value, until, weight });
    this.#weight += weight;
    for (const [oldest, entry] of this.#entries) {
      if (this.#weight <= this.#capacity) break;
      this.#remove(oldest, entry);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) this.#remove(key, entry);
  }

  #remove(key: string, { weight }: Entry<Value>): void {
    this.#entries.delete(key);
    this.#weight -= weight;
  }
}
