/**
 * Whether anything was written to D1: what was read from all of it is good until then, and need not
 * be read again.
 */
import { env } from 'cloudflare:workers';

/** The rows written so far, undone or not: SQLite counts them, those of triggers too. */
const countWrites = (): Promise<number | null> =>
  (env as { DB: D1Database }).DB.prepare('SELECT total_changes() AS n').first<number>('n');

const known = new Map<() => Promise<unknown>, { writes: number | null; value: unknown }>();

/** The next file begins on another database. */
export function forgetReads(): void {
  known.clear();
}

/** The same reading; it reads again once something was written. */
export function untilWritten<Value>(read: () => Promise<Value>): () => Promise<Value> {
  return async () => {
    const writes = await countWrites();
    const before = known.get(read);
    if (before?.writes === writes) return before.value as Value;
    const value = await read();
    known.set(read, { writes, value });
    return value;
  };
}
