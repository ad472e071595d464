/** The refusal of an unknown path, with a suggestion. */
import type { Hono, NotFoundHandler } from 'hono';
import type { RequestContext } from '../policy/request-context.ts';
import { refused } from '../rest/answers.ts';
import { isConsolePath } from './console-path.ts';
import type { FrontEnv } from './env.ts';
import { type KnownPath, nearestPath } from './nearest-path.ts';

/** Paths that are answered before the routes. */
const VERIFY: KnownPath[] = ['/verify', '/verify/:tenant'].map((path) => ({ path, method: 'GET' }));

const HINT =
  'Paths have no prefix and are in lower case. ' +
  'See /openapi.json for the company API. Everything else is at /graphql.';

/**
 * In the format of the REST API, which has most paths. It suggests existing paths, and pages only
 * if they are enabled.
 */
export function wrongPath(app: Hono<FrontEnv>): NotFoundHandler<FrontEnv> {
  let paths: KnownPath[] | undefined;
  const pathsFor = ({ docs, console }: RequestContext): KnownPath[] => {
    paths ??= [...app.routes, ...VERIFY].filter(({ path }) => !path.includes('*'));
    return paths.filter(({ path }) => {
      if (path === '/docs') return docs;
      // Programs do not call the console, but people mistype its address.
      return path === '/console' ? console : !isConsolePath(path);
    });
  };
  return ({ req, get }) => {
    const nearest = nearestPath(req.path, req.method, pathsFor(get('requestContext')));
    const meant = nearest ? ` Did you mean ${nearest}?` : '';
    return refused(404, {
      path: `There is nothing at this path.${meant} ${HINT}`,
    });
  };
}
