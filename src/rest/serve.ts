/** The second face: the company API, where companies manage their staff and stations. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { unauthenticated } from '../base/faults.ts';
import { IGNORED } from '../base/headers.ts';
import { readId } from '../base/text.ts';
import type { Caller } from '../domain/credentials.ts';
import type { Call, PathParents } from '../domain/permit.ts';
import { slideExpiry } from '../domain/sessions/sliding-expiry.ts';
import { bearerToken } from '../policy/authenticate.ts';
import { assertAuthorized, authorize } from '../policy/authorize.ts';
import { networkOf, stayWithin } from '../policy/limits.ts';
import { authenticateAndCharge, checkRateLimits } from '../policy/rate-limits.ts';
import type { FaceEnv, RequestContext } from '../policy/request-context.ts';
import { type Rule, rules } from '../policy/rules.ts';
import { BadRequest, present, succeeded } from './answers.ts';
import {
  MAX_BODY,
  MAX_BODY_OF_GUESTS,
  NO_FIELDS,
  type ReceivedFields,
  readFields,
  readQuery,
} from './body.ts';
import { nestedRoutes } from './nested-paths.ts';
import type { Bounds, Route } from './route.ts';
import { routes } from './routes.ts';
import { assertKnownFields, ignoredHeader } from './unknown-fields.ts';

/** Nothing has this id. */
const NOTHING = 0;

/** The id in a path. If it is invalid: an id that nothing has. */
const idOf = (param: string | undefined): number => readId(param ?? '') ?? NOTHING;

/** The parents in a nested path. */
const parentsOf = (params: Record<string, string>): PathParents =>
  Object.fromEntries(
    Object.entries(params)
      .filter(([name]) => name !== 'id')
      .map(([name, param]) => [name, idOf(param)]),
  );

/** Whether a DELETE has no body, whatever its Content-Type says. */
const isBare = ({ method, body, headers }: Request): boolean =>
  method === 'DELETE' && (body === null || headers.get('Content-Length') === '0');

interface Read {
  /** Its length in bytes. */
  length: number;
  /** The fields, or why there are none. The reason is only given to authorized callers. */
  body: ReceivedFields | BadRequest;
}

async function read(route: Route, request: Request): Promise<Read> {
  if (!route.body || isBare(request)) return { length: 0, body: NO_FIELDS };
  const bytes = await request.arrayBuffer();
  const body = await readFields(bytes, request.headers, route.body).catch((error) => {
    if (error instanceof BadRequest) return error;
    throw error;
  });
  return { length: bytes.byteLength, body };
}

/** Whether the route needs no credential. Then none is read. */
const isOpen = ({ action }: Route): boolean => (rules[action] as Rule).guest === true;

const rootOf = (path: string): string => path.split('/', 2)[1] ?? '';
const limitedRoots = new Set(
  routes.filter((route) => !isOpen(route)).map(({ path }) => rootOf(path)),
);

/** Whether calls to a path are limited by credential and tenant. */
export const isLimitedPath = (path: string): boolean => limitedRoots.has(rootOf(path));

export function boundsOf(context: RequestContext, call: Call, headers: Headers): Bounds {
  const { limits } = context;
  const network = networkOf(headers);
  return {
    consoleAt: context.console ? `${context.origin}/console` : null,
    network,
    limitAddress: () => stayWithin(limits.triesByAddress, network),
    limitAccount: (account) => stayWithin(limits.triesByAccount, `${network} ${account}`),
    inTurn: (work) => call.isolate.hashing.take(network, work),
  };
}

async function serve(route: Route, { req, get }: Context<FaceEnv>): Promise<Response> {
  const requestContext = get('requestContext');
  const { requestId, credentialIn } = requestContext;
  const { headers } = req.raw;
  let token: string | null = null;
  let ignored: string[] = [];
  let response: Response;
  try {
    const { length, body } = await read(route, req.raw);
    const call = requestContext.openCall();
    const caller: Caller = isOpen(route)
      ? { kind: 'guest' }
      : await authenticateAndCharge(call, headers, requestContext, length);
    if ('session' in caller) {
      slideExpiry(call, caller.session);
      if (credentialIn === 'header') token = bearerToken(headers.get('Authorization') ?? '');
    }
    const within = parentsOf(req.param());
    const answer = route.authorize((action) => authorize(call, caller, action, undefined, within));
    if (body instanceof BadRequest) throw body;
    const also = route.also?.(body.fields);
    if (also) assertAuthorized(call, caller, also);
    const query = route.query ? readQuery(req.url, route.query) : NO_FIELDS;
    ignored = [...body.others, ...query.others];
    if (route.body) assertKnownFields(body, route.body);
    const data = await answer({
      id: idOf(req.param('id')),
      body: body.fields,
      query: query.fields,
      ...boundsOf(requestContext, call, headers),
    });
    if ('token' in data) token = String(data.token);
    response = succeeded(data, route.status);
  } catch (error) {
    response = present(error, requestId);
  }
  // Clients of the original API take the token for the next call from each response.
  if (token !== null) response.headers.set('X-Token', token);
  if (ignored.length > 0) response.headers.set(IGNORED, ignoredHeader(ignored));
  return response;
}

const limitedTo = (maxSize: number, size: string) =>
  bodyLimit({
    maxSize,
    onError: () => present(new BadRequest(413, 'body', `The body is larger than ${size}.`), ''),
  });

export const limited = limitedTo(MAX_BODY, 'a megabyte');
/** Anybody may send one where nobody has to be known: a sign-in takes some hundred bytes. */
export const limitedOfGuests = limitedTo(MAX_BODY_OF_GUESTS, '64 KB');
const asItIs: MiddlewareHandler = (_, next) => next();

/**
 * Runs before the body is read, and refuses who has no credential: measuring a chunked body means
 * reading it.
 */
export const rateLimited: MiddlewareHandler<FaceEnv> = async ({ req, get }, next) => {
  try {
    if (!req.raw.headers.has('Authorization')) throw unauthenticated(false);
    await checkRateLimits(get('requestContext'), req.raw.headers);
  } catch (error) {
    return present(error, get('requestContext').requestId);
  }
  return next();
};

function serving(all: readonly Route[]): Hono<FaceEnv> {
  const app = new Hono<FaceEnv>();
  for (const route of all) {
    const [first, bounded] = isOpen(route) ? [asItIs, limitedOfGuests] : [rateLimited, limited];
    const second = route.body ? bounded : asItIs;
    app[route.method](route.path, first, second, (context) => serve(route, context));
  }
  return app;
}

const all: readonly Route[] = [...routes, ...nestedRoutes];

export const rest = serving(all);

/** What the console reaches by its cookie. Signing in would tell it an access token. */
export const restOfConsole = serving(all.filter(({ action }) => action !== 'member.signIn'));
