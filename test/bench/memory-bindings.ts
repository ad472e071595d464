/**
 * KV and D1 answered from memory inside the Worker, the nearest thing to what Cloudflare bills;
 * each use is counted.
 */

export interface Counts {
  kvReads: number;
  kvWrites: number;
  d1Queries: number;
}

export const newCounts = (): Counts => ({ kvReads: 0, kvWrites: 0, d1Queries: 0 });

type Reading = 'text' | 'json' | { type?: 'text' | 'json' };

/**
 * What the contenders use of a KV namespace. A value is kept as text and parsed at each reading, as
 * KV's is.
 */
export class MemoryKv {
  readonly entries = new Map<string, string>();
  readonly #counts: Counts;

  constructor(counts: Counts) {
    this.#counts = counts;
  }

  async get(key: string, reading: Reading = 'text'): Promise<unknown> {
    this.#counts.kvReads++;
    const text = this.entries.get(key);
    if (text === undefined) return null;
    const type = typeof reading === 'string' ? reading : reading.type;
    return type === 'json' ? JSON.parse(text) : text;
  }

  async put(key: string, value: string): Promise<void> {
    this.#counts.kvWrites++;
    this.entries.set(key, value);
  }

  async delete(key: string): Promise<void> {
    this.#counts.kvWrites++;
    this.entries.delete(key);
  }
}

type Row = Record<string, unknown>;

/**
 * What the contenders use of a D1 database. It reads no SQL: the row is the one filed under a value
 * that is bound.
 */
export class MemoryD1 {
  readonly rows = new Map<unknown, Row>();
  readonly #counts: Counts;

  constructor(counts: Counts) {
    this.#counts = counts;
  }

  prepare(_sql: string): MemoryStatement {
    return new MemoryStatement(this);
  }

  async batch(statements: MemoryStatement[]): Promise<{ results: Row[] }[]> {
    return Promise.all(statements.map((statement) => statement.all()));
  }

  find(values: unknown[]): Row | null {
    this.#counts.d1Queries++;
    for (const value of values) {
      const row = this.rows.get(value);
      if (row) return row;
    }
    return null;
  }
}

class MemoryStatement {
  readonly #database: MemoryD1;
  readonly #values: unknown[];

  constructor(database: MemoryD1, values: unknown[] = []) {
    this.#database = database;
    this.#values = values;
  }

  bind(...values: unknown[]): MemoryStatement {
    return new MemoryStatement(this.#database, values);
  }

  async first(): Promise<Row | null> {
    return this.#database.find(this.#values);
  }

  async all(): Promise<{ success: true; results: Row[] }> {
    const row = this.#database.find(this.#values);
    return { success: true, results: row ? [row] : [] };
  }

  run = this.all;
}
