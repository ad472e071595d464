/** Handles nudges: work that is stored in D1, done in bounded pieces. */
import { endMintedSlice } from '../endings/slice.ts';
import { nudge } from '../nudge.ts';
import type { Call, Nudge } from '../permit.ts';
import { nudgeFor, publishRow, removeRows } from '../sessions/publish.ts';
import { type Cause, selectWithdrawal, type Withdrawal } from '../sessions/withdrawals.ts';
import { startDelivery } from '../webhooks/sweep.ts';
import { endTenantSessions } from './erase.ts';

/**
 * Ends and publishes a slice of the sessions that a cause is about. Returns whether more are left.
 */
type Finder = (call: Call, row: Withdrawal) => Promise<boolean>;

/** How to find the sessions of a cause after the change. Null: the change itself lists them. */
const finders = {
  session: null,
  support: null,
  user: null,
  device: null,
  station: null,
  key: (call, { subject }) => endMintedSlice(call, subject ?? ''),
  company: (call, { tenantId }) => endTenantSessions(call, tenantId),
} satisfies Record<Cause, Finder | null>;

/**
 * Processes a piece of a withdrawal, and makes sure that the rest follows. Throws if KV refuses
 * copies or if this invocation has no room for them. The caller then arranges another try.
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
    // Another consumer may have done it.
    if (row) await processWithdrawal(call, row);
  },
} satisfies Record<Nudge['kind'], (call: Call, nudge: Nudge) => Promise<void>>;

/** Processes a piece of what a nudge is about. If it throws, the queue tries again. */
export async function work(call: Call, nudge: Nudge): Promise<void> {
  // Another version may have sent it. The sweep sends those that still count.
  if (!Object.hasOwn(kinds, nudge.kind)) return;
  await kinds[nudge.kind](call, nudge);
}
