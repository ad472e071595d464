/**
 * The sweep, which runs on a schedule: deletes what has expired, and finishes work that lags. Each
 * part is complete in itself, so it may be killed at any moment. It is fair: each tenant has its
 * turn.
 */
import { sweepEvents } from '../audit/retention.ts';
import { sweepEndings } from '../endings/slice.ts';
import { sweepUnconfirmed } from '../factors/sweep.ts';
import { sweepKeys } from '../keys/sweep.ts';
import { sweepMailings } from '../mail/limits.ts';
import { sweepResets } from '../members/sweep-resets.ts';
import { sweepChallenges } from '../passkeys/challenge.ts';
import { endPermissions } from '../permissions/end.ts';
import type { Call } from '../permit.ts';
import { expireSessions } from '../sessions/expire.ts';
import { sweepSessions } from '../sessions/reconcile.ts';
import { recount } from '../usage/recount.ts';
import { foldNames } from '../users/fold.ts';
import { sweepWebhooks } from '../webhooks/sweep.ts';
import { sweepRemoved } from './erase.ts';
import { sweepWithdrawals } from './sweep-withdrawals.ts';

export interface SweepSettings {
  /** How many days audit events are kept; undefined: for ever. */
  auditDays: number | undefined;
}

type Part = (call: Call, settings: SweepSettings) => Promise<void>;

/** In this order: what someone waits for comes first. */
const parts: Record<string, Part> = {
  withdrawals: sweepWithdrawals,
  webhooks: sweepWebhooks,
  endings: sweepEndings,
  permissions: endPermissions,
  expiries: expireSessions,
  keys: sweepKeys,
  resets: sweepResets,
  factors: sweepUnconfirmed,
  mailings: sweepMailings,
  challenges: sweepChallenges,
  tenants: sweepRemoved,
  usage: recount,
  names: foldNames,
  events: (call, { auditDays }) => sweepEvents(call, auditDays),
  sessions: (call, { auditDays }) => sweepSessions(call, auditDays),
};

/** Runs one sweep. Each part runs even if others fail. Throws if one failed, with its name. */
export async function sweep(call: Call, settings: SweepSettings): Promise<void> {
  const failed: string[] = [];
  for (const [part, act] of Object.entries(parts)) {
    try {
      await act(call, settings);
    } catch (error) {
      failed.push(part);
      console.error({ requestId: call.requestId, sweep: part, error });
    }
  }
  if (failed.length > 0) throw new Error(`The sweep failed in: ${failed.join(', ')}.`);
}
