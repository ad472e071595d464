/** The fast path, which skips Hono: Hono would take a tenth of a token check's time. */
import type { MaybePromise } from '../base/maybe-promise.ts';
import { serveDirectly, serviceOf } from '../edge/services.ts';
import { verify, verifyRouteOf } from '../edge/verify.ts';
import type { Deployment } from './deployment.ts';
import { type Execution, WorkerContext } from './request-context.ts';
import type { Env } from './settings.ts';

/**
 * The response to `/verify`, without a promise if nothing has to be awaited. Null for other
 * requests.
 */
export function answerCheck(
  deployment: Deployment,
  request: Request,
  env: Env,
  execution: Execution,
): MaybePromise<Response> | null {
  const route = verifyRouteOf(request);
  return route && verify(new WorkerContext(deployment, env, execution), request, route);
}

/** The response to `/introspect` or `/revoke`. Null for other requests. */
export function answerService(
  deployment: Deployment,
  request: Request,
  env: Env,
  execution: Execution,
): Promise<Response> | null {
  const service = serviceOf(request);
  return service && serveDirectly(service, request, new WorkerContext(deployment, env, execution));
}
