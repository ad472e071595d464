/**
 * Nudges: messages that say only where to look. The work itself stands in D1, so that a lost,
 * doubled or late one does no harm.
 */
import type { Listening } from '../db/listeners.ts';
import type { Call, Nudge } from './permit.ts';

/** A queue takes so many messages at once. */
const MESSAGES = 100;

export const deliveryOf = ({ tenantId, id }: Listening): Nudge => ({
  kind: 'delivery',
  tenantId,
  id,
});

/**
 * Has others look, after `delaySeconds`. What the queue does not take is logged, and left for the
 * sweep, which does some of it itself.
 */
export async function nudge(
  { work, requestId }: Pick<Call, 'work' | 'requestId'>,
  nudges: Nudge[],
  delaySeconds = 0,
): Promise<void> {
  for (let start = 0; start < nudges.length; start += MESSAGES) {
    const messages = nudges.slice(start, start + MESSAGES).map((body) => ({ body }));
    try {
      await work.sendBatch(messages, { delaySeconds });
    } catch (error) {
      console.warn({ requestId, nudges: messages.length, error });
    }
  }
}
