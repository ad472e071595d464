/** The Worker in one isolate: routes each request. */
import { getPathNoStrict } from 'hono/utils/url';
import type { Fault } from '../base/faults.ts';
import type { MaybePromise } from '../base/maybe-promise.ts';
import type { Isolate } from '../domain/isolate.ts';
import type { Nudge } from '../domain/permit.ts';
import type { RequestContext } from '../policy/request-context.ts';
import { consume, sweepOnTime } from './background.ts';
import { newDeployment } from './deployment.ts';
import { answerCheck, answerService } from './fast-path.ts';
import { refuseFlood } from './flood.ts';
import { refuseEarly } from './refuse-early.ts';
import { type Execution, WorkerContext } from './request-context.ts';
import { newRoutes } from './routes.ts';
import type { Env, Settings } from './settings.ts';

export interface App {
  fetch(request: Request, env: Env, execution: ExecutionContext): MaybePromise<Response>;
  /** Runs on the schedule. */
  sweep(env: Env, execution: Execution): Promise<void>;
  /** Runs for messages of the queue. */
  work(batch: MessageBatch<Nudge>, env: Env, execution: Execution): Promise<void>;
  /** The context of a call from another Worker. */
  openRpc(env: Env, execution: Execution): RequestContext;
}

export function createApp(isolate: Isolate): App {
  const deployment = newDeployment(isolate);
  const routes = newRoutes(deployment);

  /**
   * Everything but token checks. A deployment that lacks a setting answers nothing, and a flood is
   * stopped first.
   */
  function serve(request: Request, env: Env, execution: ExecutionContext): MaybePromise<Response> {
    let settings: Settings;
    try {
      settings = deployment.settingsOf(env);
    } catch (fault) {
      return refuseEarly(request, getPathNoStrict(request), fault as Fault);
    }
    return (
      answerService(deployment, request, env, execution) ??
      refuseFlood(request, getPathNoStrict(request), isolate, settings) ??
      routes.fetch(request, env, execution)
    );
  }

  return {
    fetch: (request, env, execution) =>
      answerCheck(deployment, request, env, execution) ?? serve(request, env, execution),
    sweep: (env, execution) => sweepOnTime(deployment, env, execution),
    work: (batch, env, execution) => consume(deployment, batch, env, execution),
    openRpc: (env, execution) => new WorkerContext(deployment, env, execution),
  };
}
