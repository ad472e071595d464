/**
 * Nudges: queue messages that only say where to look. The work itself is in D1, so a lost, doubled
 * or late message does no harm.
 */
import type { Listening } from '../db/listeners.ts';
import type { Isolate } from './isolate.ts';
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

/** Nudges of one webhook that an isolate sends at once, in a second. */
const AT_ONCE = 5;
const WINDOW_SECONDS = 1;

/**
 * Nudges for webhooks that have events to take. Whoever changes much in a second would fill the
 * queue, for everybody, with messages that find nothing to do: beyond the first few of a webhook
 * there is one more, which arrives when the second is over and so after all of its commits.
 */
export async function nudgeListening(
  call: Pick<Call, 'work' | 'requestId'> & { isolate: Pick<Isolate, 'nudged'> },
  webhooks: Listening[],
): Promise<void> {
  const now = Date.now();
  const waves: Record<'atOnce' | 'later' | 'never', Listening[]> = {
    ...{ atOnce: [], later: [], never: [] },
  };
  for (const webhook of webhooks) {
    const { nudged } = call.isolate;
    const known = nudged.get(webhook.id, now);
    const { times, until } = known ?? { times: 0, until: now + WINDOW_SECONDS * 1_000 };
    nudged.set(webhook.id, { times: times + 1, until }, until);
    waves[times < AT_ONCE ? 'atOnce' : times === AT_ONCE ? 'later' : 'never'].push(webhook);
  }
  await nudge(call, waves.atOnce.map(deliveryOf));
  await nudge(call, waves.later.map(deliveryOf), WINDOW_SECONDS);
}
