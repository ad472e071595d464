/** What nudges lead to: work that stands in D1, a bounded piece at a time. */
import { endMintedSlice } from '../endings/slice.ts';
import { nudge } from '../nudge.ts';
import type { Call, Nudge } from '../permit.ts';
import { nudgeFor, publishRow, removeRows } from '../sessions/publish.ts';
import { type Cause, selectWithdrawal, type Withdrawal } from '../sessions/withdrawals.ts';
import { startDelivery } from '../webhooks/sweep.ts';
import { endTenantSessions } from './erase.ts';

/** Ends, lists and publishes a slice of the sessions that a cause is about. Whether more are left. */
type Finder = (call: Call, row: Withdrawal) => Promise<boolean>;

/** How the sessions of a cause are found after the change; null: the change itself lists them. */
const finders = {
  session: null,
  user: null,
  device: null,
  station: null,
  key: (call, { subject }) => endMintedSlice(call, subject ?? ''),
  company: (call, { tenantId }) => endTenantSessions(call, tenantId),
} satisfies Record<Cause, Finder | null>;

/**
 * Does a piece of what a row tells of, and sees to the rest. Throws where KV refuses copies or this
 * invocation has no room for them: who calls has it tried again.
 */
export async function processWithdrawal(call: Call, row: Withdrawal): Promise<void> {
  const find: Finder | null = finders[row.cause];
  if (row.sessions !== null || find === null) {
    if (await publishRow(call, row)) return;
    throw new Error('KV refuses copies, or this invocation may write no more of them.');
  }
  if (await find(call, row)) await nudge(call, [nudgeFor(row)]);
  else await removeRows(call, [row]);
}

const kinds = {
  // Behind the acknowledgement: a receiver that takes its time holds up no message.
  delivery: (call, { id }) => startDelivery(call, id),
  async withdrawal(call, { tenantId, id }) {
    const [row] = await call.db.read(selectWithdrawal(tenantId, id));
    // Somebody else may have done it.
    if (row) await processWithdrawal(call, row);
  },
} satisfies Record<Nudge['kind'], (call: Call, nudge: Nudge) => Promise<void>>;

/** Does a piece of what a nudge is about. A throw has it tried again. */
export async function work(call: Call, nudge: Nudge): Promise<void> {
  // Another version may have sent it: the sweep sends those that count.
  if (!Object.hasOwn(kinds, nudge.kind)) return;
  await kinds[nudge.kind](call, nudge);
}
