/** Withdrawals that lag: their Worker died, their nudge was lost, or KV refused their copies. */
import { timePrefix } from '../../base/ids.ts';
import { DAY } from '../../base/time.ts';
import { nudge } from '../nudge.ts';
import type { Call } from '../permit.ts';
import { nudgeFor, removeRows } from '../sessions/publish.ts';
import { idsIn, SESSIONS, selectLagging, type Withdrawal } from '../sessions/withdrawals.ts';
import { workOff } from './work.ts';

/** What the sweep publishes itself, so that it goes on though the queue does not. */
const WRITES = 2 * SESSIONS;
/** No copy is believed for so long without a word from D1: nothing is left to publish. */
const OLD_MS = 3 * DAY;

/**
 * A part of the sweep: does some of what lags, and nudges for the rest. Throws, when all is tried,
 * where some of it failed.
 */
export async function sweepWithdrawals(call: Call): Promise<void> {
  const rows = await call.db.read(selectLagging());
  const oldest = timePrefix(call.now - OLD_MS);
  const isOld = ({ id, sessions }: Withdrawal): boolean => sessions !== null && id < oldest;
  const old = rows.filter(isOld);
  if (old.length > 0) await removeRows(call, old);
  let writes = WRITES;
  const [mine, others]: [Withdrawal[], Withdrawal[]] = [[], []];
  for (const row of rows) {
    if (isOld(row)) continue;
    writes -= row.sessions === null ? SESSIONS : idsIn(row).length;
    (writes >= 0 ? mine : others).push(row);
  }
  await nudge(call, others.map(nudgeFor));
  const done = await Promise.allSettled(mine.map((row) => workOff(call, row)));
  const failed = done.filter((one) => one.status === 'rejected');
  if (failed.length > 0)
    throw new AggregateError(
      failed.map(({ reason }) => reason),
      'Copies are left.',
    );
}
