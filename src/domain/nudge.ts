/**
 * Nudges: messages that say only where to look. The work itself stands in D1, so that a lost,
 * doubled or late one does no harm.
 */
import type { Call, Nudge } from './permit.ts';

/** A queue takes so many messages at once. */
const MESSAGES = 100;

/**
 * Has others look. What the queue does not take is logged, and left for the sweep, which does some
 * of it itself.
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
