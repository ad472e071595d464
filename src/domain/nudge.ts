/**
 * Nudges: queue messages that only say where to look. The work itself is in D1, so a lost, doubled
 * or late message does no harm.
 */
import type { Listening } from '../db/listeners.ts';
import type { Call, Nudge } from './permit.ts';

/** The most messages that a queue takes at once. */
const MESSAGES = 100;

/** The nudge to send a webhook its events. */
export const deliveryOf = ({ tenantId, id }: Listening): Nudge => ({
  kind: 'delivery',
  tenantId,
  id,
});

/**
 * Sends nudges, which arrive after `delaySeconds`. Messages that the queue does not take are logged
 * and left to the sweep, which does some of the work itself.
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
