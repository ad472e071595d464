/** Workers that die: of their calls to D1, to the queue and to receivers, one is the last. */

import type { Nudge } from '../../src/domain/permit.ts';
import type { Env } from '../../src/front/settings.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { inSessions } from '../doubles/d1.ts';
import { unlimited } from '../doubles/limits.ts';
import { createExecutionContext, waitOnExecutionContext } from '../execution.ts';
import { env, UNLIMITED } from '../world.ts';

export interface Death {
  /** At which call, from 1 on. */
  at: number;
  /** Whether that call takes effect. */
  way: 'before' | 'after';
  /** It goes on afterwards: the call alone failed. */
  isFault?: boolean;
}

export interface Mortal {
  bindings: Env;
  /** Every call so far, by its kind. */
  calls: string[];
  call<Answer>(kind: string, act: () => Promise<Answer>): Promise<Answer>;
}

/** The one that is at work: receivers are called by it. */
let current: Mortal | undefined;

/** A call to a receiver, by whoever is at work. */
export const callOut = <Answer>(act: () => Promise<Answer>): Promise<Answer> =>
  current ? current.call('fetch', act) : act();

export function newMortal(nudges: Nudge[], death?: Death): Mortal {
  const calls: string[] = [];
  let isDead = false;
  async function call<Answer>(kind: string, act: () => Promise<Answer>): Promise<Answer> {
    const isHit = calls.push(kind) === death?.at;
    const lost = new Error(`${kind}: Network connection lost.`);
    if (isDead || (isHit && death.way === 'before')) {
      isDead ||= !death?.isFault;
      throw lost;
    }
    const answer = await act();
    if (!isHit) return answer;
    isDead ||= !death.isFault;
    throw lost;
  }
  const work = {
    sendBatch: (messages: Iterable<MessageSendRequest<Nudge>>) =>
      call('queue', async () => {
        for (const { body } of messages) nudges.push(body);
      }),
  } as unknown as Queue<Nudge>;
  const limits = { TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited };
  const DB = inSessions({
    prepare: (sql) => env.DB.prepare(sql),
    batch: (batch: D1PreparedStatement[]) => call('D1', () => env.DB.batch(batch)),
  });
  return { calls, call, bindings: { ...env, ...UNLIMITED, ...limits, DB, WORK: work } };
}

/** What an invocation of this Worker does, to its end, with what it does behind its answer. */
async function live<Answer>(
  mortal: Mortal,
  act: (app: ReturnType<typeof createApp>, context: ExecutionContext) => Promise<Answer>,
): Promise<Answer> {
  const context = createExecutionContext();
  current = mortal;
  try {
    const answer = await act(createApp(newIsolate()), context);
    await waitOnExecutionContext(context);
    return answer;
  } finally {
    current = undefined;
  }
}

/** Hands a message over; whether it is to come again. */
export async function consume(mortal: Mortal, body: Nudge): Promise<boolean> {
  let isRetried = false;
  const message = { body, ack() {}, retry: () => (isRetried = true) };
  const batch = { messages: [message] } as unknown as MessageBatch<Nudge>;
  await live(mortal, (app, context) => app.work(batch, mortal.bindings, context));
  return isRetried;
}

export const sweep = (mortal: Mortal): Promise<void> =>
  live(mortal, (app, context) => app.sweep(mortal.bindings, context).catch(() => {}));

export const fetch = (mortal: Mortal, request: Request): Promise<Response> =>
  live(mortal, (app, context) => Promise.resolve(app.fetch(request, mortal.bindings, context)));
