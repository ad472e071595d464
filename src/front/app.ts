/** The Worker, as one isolate runs it: which way each request takes. */
import { getPathNoStrict } from 'hono/utils/url';
import type { Fault } from '../base/faults.ts';
import type { Isolate } from '../domain/isolate.ts';
import type { Nudge } from '../domain/permit.ts';
import type { RequestContext } from '../policy/request-context.ts';
import { consume, sweepOnTime } from './background.ts';
import { newDeployment } from './deployment.ts';
import { answerCheck, answerService } from './fast.ts';
import { refuseFlood } from './flood.ts';
import { refuseUnread } from './refuse-unread.ts';
import { type Execution, WorkerContext } from './request-context.ts';
import { newRoutes } from './routes.ts';
import type { Env, Settings } from './settings.ts';

export interface App {
  fetch(request: Request, env: Env, execution: ExecutionContext): Response | Promise<Response>;
  /** What the clock starts. */
  sweep(env: Env, execution: Execution): Promise<void>;
  /** What nudges start. */
  work(batch: MessageBatch<Nudge>, env: Env, execution: Execution): Promise<void>;
  /** What a call from another Worker begins with. */
  openRpc(env: Env, execution: Execution): RequestContext;
}

export function createApp(isolate: Isolate): App {
  const deployment = newDeployment(isolate);
  const routes = newRoutes(deployment);

  /**
   * All but checks: a deployment that lacks something answers nothing, and a flood is stopped
   * first.
   */
  async function serve(request: Request, env: Env, execution: ExecutionContext): Promise<Response> {
    const path = getPathNoStrict(request);
    let settings: Settings;
    try {
      settings = deployment.settingsOf(env);
    } catch (fault) {
      return refuseUnread(request, path, fault as Fault);
    }
    const answer = answerService(deployment, request, env, execution);
    if (answer) return answer;
    const refusal = await refuseFlood(request, path, isolate, settings);
    return refusal ?? routes.fetch(request, env, execution);
  }

  return {
    fetch: (request, env, execution) =>
      answerCheck(deployment, request, env, execution) ?? serve(request, env, execution),
    sweep: (env, execution) => sweepOnTime(deployment, env, execution),
    work: (batch, env, execution) => consume(deployment, batch, env, execution),
    openRpc: (env, execution) => new WorkerContext(deployment, env, execution),
  };
}
