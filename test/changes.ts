/**
 * Whether anything was written to D1: what was read from all of it is good until then, and need not
 * be read again.
 */
import { env } from 'cloudflare:workers';

/** The rows written so far, undone or not: SQLite counts them, those of triggers too. */
const countWrites = (): Promise<number | null> =>
  (env as { DB: D1Database }).DB.prepare('SELECT total_changes() AS n').first<number>('n');

let files = 0;

/** The next file begins on another database. */
export function forgetReads(): void {
  files++;
}

/** The same reading; it reads again once something was written. */
export function untilWritten<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let known: { file: number; writes: number | null; value: Value } | undefined;
  return async () => {
    const writes = await countWrites();
    if (known?.file !== files || known.writes !== writes) {
      known = { file: files, writes, value: await read() };
    }
    return known.value;
  };
}
