/** Face two: the company API, where companies administer their own staff and stations. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { IGNORED } from '../base/headers.ts';
import { readId } from '../base/text.ts';
import type { Caller } from '../domain/credentials.ts';
import type { Within } from '../domain/permit.ts';
import { slide } from '../domain/sessions/slide.ts';
import { admit, knock } from '../policy/admit.ts';
import { allow } from '../policy/allow.ts';
import { bearerToken } from '../policy/authenticate.ts';
import { networkOf, stayWithin } from '../policy/limits.ts';
import type { FaceEnv } from '../policy/request-context.ts';
import { type Rule, rules } from '../policy/rules.ts';
import { aliases } from './aliases.ts';
import { BadRequest, present, succeeded } from './answers.ts';
import { MAX_BODY, NOTHING_SENT, readFields, readQuery, type Sent } from './body.ts';
import { assertKnown, ignoredHeader } from './foreign.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

/** Nothing has this id. */
const NOTHING = 0;

/** The id that a path has; where it holds none: one that nothing has. */
const idOf = (param: string | undefined): number => readId(param ?? '') ?? NOTHING;

/** What a nested path says that its thing lies in. */
const withinOf = (params: Record<string, string>): Within =>
  Object.fromEntries(
    Object.entries(params)
      .filter(([name]) => name !== 'id')
      .map(([name, param]) => [name, idOf(param)]),
  );

/** What is removed may come without a body, whatever type that is said to have. */
const isBare = ({ method, body, headers }: Request): boolean =>
  method === 'DELETE' && (body === null || headers.get('Content-Length') === '0');

interface Read {
  /** Its length in bytes. */
  length: number;
  /** What it holds, or why it holds nothing: told only to whom may ask. */
  body: Sent | BadRequest;
}

async function read(route: Route, request: Request): Promise<Read> {
  if (!route.body || isBare(request)) return { length: 0, body: NOTHING_SENT };
  const bytes = await request.arrayBuffer();
  const body = await readFields(bytes, request.headers, route.body).catch((error) => {
    if (error instanceof BadRequest) return error;
    throw error;
  });
  return { length: bytes.byteLength, body };
}

/** No credential of a caller counts where anybody may ask. */
const isOpen = ({ action }: Route): boolean => (rules[action] as Rule).guest === true;

const rootOf = (path: string): string => path.split('/', 2)[1] ?? '';
const limitedRoots = new Set(
  routes.filter((route) => !isOpen(route)).map(({ path }) => rootOf(path)),
);

/** Whether calls at a path are limited by credential and tenant. */
export const isLimitedPath = (path: string): boolean => limitedRoots.has(rootOf(path));

async function serve(route: Route, { req, get }: Context<FaceEnv>): Promise<Response> {
  const requestContext = get('requestContext');
  const { limits, requestId } = requestContext;
  const { headers } = req.raw;
  const network = networkOf(headers);
  let token: string | null = null;
  let ignored: string[] = [];
  let response: Response;
  try {
    const { length, body } = await read(route, req.raw);
    const call = requestContext.openCall();
    const caller: Caller = isOpen(route)
      ? { kind: 'guest' }
      : await admit(call, headers, requestContext, length);
    if ('session' in caller) {
      slide(call, caller.session);
      token = bearerToken(headers.get('Authorization') ?? '');
    }
    const within = withinOf(req.param());
    const answer = route.admit((action) => allow(call, caller, action, undefined, within));
    if (body instanceof BadRequest) throw body;
    const query = route.query ? readQuery(req.url, route.query) : NOTHING_SENT;
    ignored = [...body.others, ...query.others];
    if (route.body) assertKnown(body, route.body);
    const data = await answer({
      id: idOf(req.param('id')),
      body: body.fields,
      query: query.fields,
      limitAddress: () => stayWithin(limits.triesByAddress, network),
      limitAccount: (account) => stayWithin(limits.triesByAccount, `${network} ${account}`),
      inTurn: (work) => call.isolate.hashing.take(network, work),
    });
    if ('token' in data) token = String(data.token);
    response = succeeded(data);
  } catch (error) {
    response = present(error, requestId);
  }
  // Clients of the given API take the token for the next call from the answer to the last.
  if (token !== null) response.headers.set('X-Token', token);
  if (ignored.length > 0) response.headers.set(IGNORED, ignoredHeader(ignored));
  return response;
}

const tooLarge = () =>
  present(new BadRequest(413, 'body', 'The body is larger than a megabyte.'), '');

export const rest = new Hono<FaceEnv>();

const limited = bodyLimit({ maxSize: MAX_BODY, onError: tooLarge });
const asItIs: MiddlewareHandler = (_, next) => next();

/** Before anything of a body is read: one that comes in chunks is, to see how long it is. */
const knocked: MiddlewareHandler<FaceEnv> = async ({ req, get }, next) => {
  try {
    await knock(get('requestContext'), req.raw.headers);
  } catch (error) {
    return present(error, get('requestContext').requestId);
  }
  return next();
};

for (const route of [...routes, ...aliases]) {
  const [first, second] = [isOpen(route) ? asItIs : knocked, route.body ? limited : asItIs];
  rest[route.method](route.path, first, second, (context) => serve(route, context));
}
