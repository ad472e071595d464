/**
 * Nudges: queue messages that only say where to look. The work itself is in D1, so a lost, doubled
 * or late message does no harm.
 */
import type { Call, Nudge } from './permit.ts';

/** The most messages that a queue takes at once. */
const MESSAGES = 100;

/**
 * Sends nudges. Messages that the queue does not take are logged and left to the sweep, which does
 * some of the work itself.
 */
export async function nudge(call: Call, nudges: Nudge[]): Promise<void> {
  for (let start = 0; start < nudges.length; start += MESSAGES) {
    const messages = nudges.slice(start, start + MESSAGES).map((body) => ({ body }));
    try {
      await call.work.sendBatch(messages);
    } catch (error) {
      console.warn({ requestId: call.requestId, nudges: messages.length, error });
    }
  }
}
