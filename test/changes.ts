/**
 * Whether anything was written to D1: what was read from all of it is good until then, and need not
 * be read again.
 */
import { env } from 'cloudflare:workers';

const { DB } = env as { DB: D1Database };

interface Session {
  _send(...asked: unknown[]): Promise<{ success: boolean } | { success: boolean }[]>;
}

/** Requests that D1 has done. For each it counts a row written, as if it were one of ours. */
let requests = 0;
const session: Session = Object.getPrototypeOf(DB.withSession());
const { _send } = session;
session._send = async function (...asked) {
  const answer = await _send.apply(this, asked);
  if ([answer].flat().every(({ success }) => success)) requests++;
  return answer;
};

/** The rows written so far, undone or not: SQLite counts them, those of triggers too. */
async function countWrites(): Promise<number> {
  const before = requests;
  const rows = await DB.prepare('SELECT total_changes() AS n').first<number>('n');
  return Number(rows) - before;
}

const known = new Map<() => Promise<unknown>, { writes: number; value: unknown }>();

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
