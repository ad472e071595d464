/** All faces in one Hono app, and what all its responses share. */
import { Hono, type MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { getPathNoStrict } from 'hono/utils/url';
import { INTERNAL_MESSAGE } from '../base/faults.ts';
import { setSecurityHeaders } from '../base/security-headers.ts';
import { edge } from '../edge/routes.ts';
import { serveGraphql } from '../graphql/server.ts';
import { docs } from '../reference/serve.ts';
import { bulk } from '../rest/bulk/routes.ts';
import { feed } from '../rest/events.ts';
import { rest } from '../rest/serve.ts';
import { asGet } from './as-get.ts';
import { consoleFace } from './console.ts';
import { isConsolePath } from './console-path.ts';
import { corsOf } from './cors.ts';
import type { Deployment } from './deployment.ts';
import type { FrontEnv } from './env.ts';
import { pages } from './pages.ts';
import { WorkerContext } from './request-context.ts';
import { refuseMethod } from './wrong-method.ts';
import { wrongPath } from './wrong-path.ts';

/** Gives each request its context, and adds the context's headers to each response. */
const withContext =
  (deployment: Deployment): MiddlewareHandler<FrontEnv> =>
  async (context, next) => {
    const { env, executionCtx, req } = context;
    const place = isConsolePath(req.path) ? 'cookie' : 'header';
    const requestContext = new WorkerContext(deployment, env, executionCtx, req.raw, place);
    context.set('requestContext', requestContext);
    await requestContext.runToCompletion(next);
    requestContext.stamp(context.res);
    setSecurityHeaders(context.res.headers);
  };

/**
 * The routes of all faces. The first match answers: pages come before GraphQL, which has the same
 * paths.
 */
export function newRoutes(deployment: Deployment): Hono<FrontEnv> {
  // A trailing slash does not matter.
  const app = new Hono<FrontEnv>({ strict: false });

  app.use(withContext(deployment));
  app.get('/health', (context) => {
    const full = deployment.isolate.size.space === 'plenty' ? {} : { storage: 'full' };
    return context.json({ status: 'ok', ...full });
  });
  app.use(corsOf(deployment));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed({ req, res, body, get }, methods) {
        if (isConsolePath(req.path) && !get('requestContext').console) return res;
        if (req.method === 'OPTIONS') return body(null, 204, { Allow: methods.join(', ') });
        const { requestId } = get('requestContext');
        return refuseMethod(req.raw, getPathNoStrict(req.raw), methods, requestId);
      },
    }),
  );
  app.notFound(wrongPath(app));
  app.onError((error, context) => {
    const { requestId } = context.get('requestContext');
    console.error({ requestId, error });
    return context.json(
      { errors: [{ message: INTERNAL_MESSAGE, extensions: { code: 'INTERNAL', requestId } }] },
      500,
    );
  });

  app.route('/', consoleFace);
  app.route('/', pages);
  app.route('/', edge);
  app.route('/', rest);
  app.route('/', bulk);
  app.route('/', feed);
  app.route('/', docs);
  // Clients of the original API use `/`.
  app.on(['GET', 'POST'], ['/graphql', '/'], ({ req, get }) =>
    serveGraphql(asGet(req.raw), get('requestContext')),
  );
  return app;
}
