/**
 * The queue of a world: nudges are delivered when it is told to, each to an invocation of its own.
 */

import type { Nudge } from '../../src/domain/permit.ts';
import type { Env } from '../../src/front/settings.ts';
import type { App } from '../../src/index.ts';
import { createExecutionContext, waitOnExecutionContext } from '../execution.ts';

/** What a nudge is tried before it is dropped. */
const TRIES = 4;

export interface TestQueue {
  binding: Queue<Nudge>;
  /** What is under way. */
  nudges: Nudge[];
  /** Delivers, until nothing is under way. */
  drain(app: App, env: Env, whenDelivered?: () => void): Promise<void>;
}

export function newQueue(): TestQueue {
  const waiting: { body: Nudge; tries: number }[] = [];
  return {
    binding: {
      async sendBatch(messages: Iterable<MessageSendRequest<Nudge>>) {
        for (const { body } of messages) waiting.push({ body, tries: TRIES });
      },
    } as unknown as Queue<Nudge>,
    get nudges() {
      return waiting.map(({ body }) => body);
    },
    async drain(app, env, whenDelivered = () => {}) {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { body, tries } = next;
        const message = {
          ...{ id: 'nudge', timestamp: new Date(), attempts: TRIES - tries + 1, body },
          ack() {},
          retry() {
            if (tries > 1) waiting.push({ body, tries: tries - 1 });
          },
        };
        const context = createExecutionContext();
        whenDelivered();
        await app.work({ messages: [message] } as unknown as MessageBatch<Nudge>, env, context);
        await waitOnExecutionContext(context);
      }
    },
  };
}
