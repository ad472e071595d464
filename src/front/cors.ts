/** CORS: which web pages may call. */
import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { BOOKMARK, IGNORED } from '../base/headers.ts';
import { isConsolePath } from './console-path.ts';
import type { Deployment } from './deployment.ts';
import type { FrontEnv } from './env.ts';

/**
 * Programs on pages of these origins may call. They send tokens themselves; a browser sends nothing
 * on its own. What it would send, the cookie of the console, is for the console's own pages.
 */
const corsFor = (origins: readonly string[]): MiddlewareHandler =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', BOOKMARK],
    exposeHeaders: [
      'X-Request-Id',
      'X-Token',
      'X-Latchkey-Degraded',
      BOOKMARK,
      IGNORED,
      'Retry-After',
      'WWW-Authenticate',
    ],
    maxAge: 86_400,
  });

/** CORS for the origins in the deployment's settings. */
export function corsOf({ settingsOf }: Deployment): MiddlewareHandler<FrontEnv> {
  let handler: MiddlewareHandler | undefined;
  return (context, next) => {
    const { corsOrigins } = settingsOf(context.env);
    if (corsOrigins.length === 0 || isConsolePath(context.req.path)) return next();
    handler ??= corsFor(corsOrigins);
    return handler(context, next);
  };
}
