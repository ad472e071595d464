/** The fast way, past Hono, which would cost a check a tenth of its time. */
import type { MaybePromise } from '../base/maybe-promise.ts';
import { serveDirectly, serviceOf } from '../edge/services.ts';
import { verify, verifyRouteOf } from '../edge/verify.ts';
import type { Deployment } from './deployment.ts';
import { type Execution, WorkerContext } from './request-context.ts';
import type { Env } from './settings.ts';

/** The answer to `/verify`, without a promise where nothing is waited for; null for all else. */
export function answerCheck(
  deployment: Deployment,
  request: Request,
  env: Env,
  execution: Execution,
): MaybePromise<Response> | null {
  const route = verifyRouteOf(request);
  return route && verify(new WorkerContext(deployment, env, execution), request, route);
}

/** The answer to a call of another service; null for all else. */
export function answerService(
  deployment: Deployment,
  request: Request,
  env: Env,
  execution: Execution,
): Promise<Response> | null {
  const service = serviceOf(request);
  return service && serveDirectly(service, request, new WorkerContext(deployment, env, execution));
}
