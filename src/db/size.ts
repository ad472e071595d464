/** How large the database is, as an isolate last saw it: D1 tells it with each answer. */

/** From the first part on nothing is added, from the second on the operator alone makes room. */
const NEARLY = 0.95;
const WHOLLY = 0.99;

/** What the database still takes. */
export type Space = 'plenty' | 'little' | 'none';

/** What one D1 database holds. */
const CAPACITY = 10_000_000_000;

export class DatabaseSize {
  #bytes = 0;
  /** What the database can hold, in bytes. */
  capacity = CAPACITY;

  /** Notes what D1 said of its size; a stand-in for D1 may say nothing. */
  see(results: readonly { meta?: { size_after?: number } }[]): void {
    this.#bytes = results.at(-1)?.meta?.size_after ?? this.#bytes;
  }

  /** Notes that D1 refused to grow: until it says a size again. */
  seeFull(): void {
    this.#bytes = Number.POSITIVE_INFINITY;
  }

  get space(): Space {
    if (this.#bytes < NEARLY * this.capacity) return 'plenty';
    return this.#bytes < WHOLLY * this.capacity ? 'little' : 'none';
  }
}
