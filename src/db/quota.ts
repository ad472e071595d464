/**
 * Limits that SQLite enforces. A trigger, or the proof after a batch, fails with these messages.
 */
import { type Complaint, Fault, Refusal } from '../base/faults.ts';

/** The limit that is counted anew each day (UTC). */
export const DAILY = 'eventsPerDay';

/** The message for a change that would exceed a limit of the tenant. `most`: what it allows. */
export const quotaComplaint = (limit: string, most: number): Complaint => ({
  code: 'QUOTA',
  path: [],
  message: `This would exceed the limit "${limit}": the most is ${most}. ${
    limit === DAILY ? 'Try again tomorrow (UTC)' : 'Remove some first'
  }, or ask the operator to raise it.`,
});

/** The message of a proof. `json_extract` quotes the path that is invalid. */
export const NEARLY_FULL = 'nearly full';

/** The errors of SQLite and D1 for a full database. */
const FULL = /SQLITE_FULL|maximum DB size|disk is full/i;

/** The fault of a change that is refused because the database is near its size limit. */
export const nearlyFull = (cause?: unknown): Fault =>
  new Fault(
    'UNAVAILABLE',
    'The database is nearly full. Nothing can be added until the operator frees space. ' +
      'Calls that end something still work.',
    { cause },
  );

/** Whether D1 failed because the database is full. */
export const isFull = (cause: unknown): boolean => FULL.test(String(cause));

/** The meaning of a failed batch, if a limit or a full database caused it. */
export function limitOf(cause: unknown): Refusal | Fault | undefined {
  const text = String(cause);
  const [, limit, most] = /\bquota (\w+) (\d+)/.exec(text) ?? [];
  if (limit) return new Refusal(quotaComplaint(limit, Number(most)));
  if (text.includes(NEARLY_FULL)) return nearlyFull();
  return FULL.test(text) ? nearlyFull(cause) : undefined;
}
