/**
 * The console: its page, its session, what pages ask beside the APIs, and the APIs with its
 * cookie as the credential.
 */
import { Hono, type MiddlewareHandler } from 'hono';
import { readCookie } from '../base/console-cookie.ts';
import { Fault } from '../base/faults.ts';
import { isLoopback } from '../base/loopback.ts';
import { NO_STORE } from '../base/response-headers.ts';
import { CONSOLE_PAGE } from '../base/security-headers.ts';
import { serveGraphql } from '../graphql/server.ts';
import { present } from '../rest/answers.ts';
import { consoleFactors } from '../rest/console-factors.ts';
import { consoleProof } from '../rest/console-proof.ts';
import { consoleSession } from '../rest/console-session.ts';
import { feed } from '../rest/events.ts';
import { restOfConsole } from '../rest/serve.ts';
import { asGet } from './as-get.ts';
import { API, ASSETS, FACTORS, isAt, SESSION } from './console-path.ts';
import type { FrontEnv } from './env.ts';
import { refuseEarly } from './refuse-early.ts';

const FROM_ELSEWHERE = new Fault(
  'FORBIDDEN',
  'Only the pages of the console can call this. Programs send a credential to the same path ' +
    'without "/console/api".',
);

const TWO_CREDENTIALS = new Fault(
  'UNAUTHENTICATED',
  'The credential is in the cookie here. Send no Authorization header, or send it to the same ' +
    'path without "/console/api".',
  { presented: true },
);

/**
 * Whether a page of ours sent the request: as the browser says (Fetch Metadata), or an old one by
 * the Origin. No script can set either.
 */
function isFromOurPage(headers: Headers, ownOrigins: readonly string[]): boolean {
  const site = headers.get('Sec-Fetch-Site');
  if (site !== null) return site === 'same-origin';
  return ownOrigins.includes(headers.get('Origin') ?? '');
}

/** Refuses what another site's page or a program sends, whatever the method. */
const fromOurPages: MiddlewareHandler<FrontEnv> = async ({ req, get }, next) => {
  const { headers } = req.raw;
  if (!isFromOurPage(headers, get('requestContext').ownOrigins)) {
    return refuseEarly(req.raw, req.path, FROM_ELSEWHERE);
  }
  if (headers.has('Authorization')) return refuseEarly(req.raw, req.path, TWO_CREDENTIALS);
  return next();
};

/** Gives the faces what the cookie holds where they read a credential. */
const withCookie: MiddlewareHandler<FrontEnv> = async (context, next) => {
  const { req, get } = context;
  const headers = new Headers(req.raw.headers);
  const token = readCookie(headers.get('Cookie'), get('requestContext').origin);
  headers.delete('Cookie');
  if (token !== null) headers.set('Authorization', `Bearer ${token}`);
  req.raw = new Request(req.raw, { headers });
  await next();
  context.header('Cache-Control', NO_STORE['Cache-Control']);
};

/**
 * What a cookie may do: the company API but for signing in, the feed of events, and GraphQL. Token
 * checks, imports and exports are for programs.
 */
const api = new Hono<FrontEnv>()
  .use(withCookie)
  .route('/', restOfConsole)
  .route('/', feed)
  .on(['GET', 'POST'], '/graphql', ({ req, get }) =>
    serveGraphql(asGet(req.raw), get('requestContext')),
  );

/** Browsers have no passkeys for an address: the console is at the name. */
const atItsName: MiddlewareHandler<FrontEnv> = async ({ req, redirect }, next) => {
  const url = new URL(req.url);
  if (url.hostname === 'localhost' || !isLoopback(url.hostname)) return next();
  url.hostname = 'localhost';
  return redirect(url.href, 302);
};

const page: MiddlewareHandler<FrontEnv> = async ({ env, get, html }) => {
  const { consolePage } = get('requestContext').openCall().isolate;
  return html(await consolePage.from(env.ASSETS), 200, { ...CONSOLE_PAGE, ...NO_STORE });
};

/** Each path that is nothing else is the page: it knows its screens. */
const pageOrNext =
  (handler: MiddlewareHandler<FrontEnv>): MiddlewareHandler<FrontEnv> =>
  (context, next) => {
    const { method, path } = context.req;
    const isPage = ['GET', 'HEAD'].includes(method);
    const isOther = [API, SESSION, FACTORS, ASSETS].some((place) => isAt(path, place));
    return isPage && !isOther ? handler(context, next) : next();
  };

export const consoleFace = new Hono<FrontEnv>()
  .use('/console/*', async ({ get, notFound }, next) =>
    get('requestContext').console ? next() : notFound(),
  )
  .use(`${API}/*`, fromOurPages)
  .use(`${SESSION}/*`, fromOurPages)
  .use(`${FACTORS}/*`, fromOurPages, withCookie)
  .route('/', consoleSession)
  .route('/', consoleFactors)
  .route('/', consoleProof)
  .route(API, api)
  .get('/console', atItsName, page)
  .use('/console/*', pageOrNext(atItsName), pageOrNext(page))
  .onError((error, { get }) => present(error, get('requestContext').requestId));
