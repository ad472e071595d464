/** The size of the database, as this isolate last saw it. D1 reports it with each answer. */

/**
 * From the first share on, nothing can be added. From the second on, only the operator can free
 * space.
 */
const NEARLY = 0.95;
const WHOLLY = 0.99;

/** How much space the database has left. */
export type Space = 'plenty' | 'little' | 'none';

/** The largest D1 database, in bytes. */
const CAPACITY = 10_000_000_000;

/** The size of the database, as its latest answer told it, against what it can have. */
export class DatabaseSize {
  #bytes = 0;
  /** The largest size that the database can have, in bytes. */
  capacity = CAPACITY;

  /** Notes the size that D1 reported. A stand-in for D1 may report none. */
  see(results: readonly { meta?: { size_after?: number } }[]): void {
    this.#bytes = results.at(-1)?.meta?.size_after ?? this.#bytes;
  }

  /** Notes that D1 is full, until it reports a size again. */
  seeFull(): void {
    this.#bytes = Number.POSITIVE_INFINITY;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get space(): Space {
    if (this.#bytes < NEARLY * this.capacity) return 'plenty';
    return this.#bytes < WHOLLY * this.capacity ? 'little' : 'none';
  }
}
