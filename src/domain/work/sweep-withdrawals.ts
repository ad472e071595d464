/** Withdrawals that lag: the Worker died, the nudge was lost, or KV refused the copies. */
import { timePrefix } from '../../base/ids.ts';
import { DAY } from '../../base/time.ts';
import { nudge } from '../nudge.ts';
import type { Call } from '../permit.ts';
import { nudgeFor, removeRows } from '../sessions/publish.ts';
import { idsIn, SESSIONS, selectLagging, type Withdrawal } from '../sessions/withdrawals.ts';
import { processWithdrawal } from './work.ts';

/** Copies that the sweep publishes itself, so that it makes progress even if the queue does not. */
const WRITES = 2 * SESSIONS;
/** No copy is used for so long without D1 confirming it: nothing is left to publish then. */
const OLD_MS = 3 * DAY;

/**
 * A part of the sweep: publishes some of what lags, and sends nudges for the rest. Tries all of it,
 * then throws if some of it failed.
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
  const done = await Promise.allSettled(mine.map((row) => processWithdrawal(call, row)));
  const failed = done.filter((one) => one.status === 'rejected');
  if (failed.length > 0)
    throw new AggregateError(
      failed.map(({ reason }) => reason),
      'Copies are left.',
    );
}
