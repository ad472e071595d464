/** What the schedule and the queue start. No client waits for it. */
import type { Nudge } from '../domain/permit.ts';
import { sweep } from '../domain/work/sweep.ts';
import { work } from '../domain/work/work.ts';
import type { Deployment } from './deployment.ts';
import { type Execution, WorkerContext } from './request-context.ts';
import type { Env } from './settings.ts';

/** When a failed message is tried again. After three attempts it is left to the sweep. */
const RETRY_DELAY_SECONDS = 10;

/** Runs on the schedule. */
export const sweepOnTime = async (
  deployment: Deployment,
  env: Env,
  execution: Execution,
): Promise<void> =>
  sweep(new WorkerContext(deployment, env, execution).openCall(), deployment.settingsOf(env));

/**
 * Runs for messages of the queue, all of a batch at once. A message that fails or takes long does
 * not hold up the others.
 */
export async function consume(
  deployment: Deployment,
  { messages }: MessageBatch<Nudge>,
  env: Env,
  execution: Execution,
): Promise<void> {
  const context = new WorkerContext(deployment, env, execution);
  const { requestId } = context;
  const handle = async (message: Message<Nudge>): Promise<void> => {
    try {
      await work(context.openCall(), message.body);
      message.ack();
    } catch (error) {
      console.error({ requestId, nudge: message.body, error });
      message.retry({ delaySeconds: RETRY_DELAY_SECONDS });
    }
  };
  await Promise.all(messages.map(handle));
}
