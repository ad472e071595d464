/**
 * `/verify`: reverse proxies call it with each request of their clients. Nothing is awaited that
 * need not be.
 */
import { getPath } from 'hono/utils/url';
import { chain, type MaybePromise } from '../base/maybe-promise.ts';
import { readId } from '../base/text.ts';
import { notUtf8, readQueryPairs } from '../base/utf8.ts';
import type { Granted } from '../domain/entities/session.ts';
import { checkToken, type Verdict } from '../domain/sessions/check.ts';
import { bearerToken } from '../policy/authenticate.ts';
import type { RequestContext } from '../policy/request-context.ts';
import {
  deniedToken,
  NOT_A_TENANT,
  NOT_OF_TENANT,
  noPermission,
  present,
  unknownToken,
} from './answers.ts';
import { grantFieldsOf, malformed, NOBODY, type ParsedQuestion, readQuestion } from './question.ts';
import { sessionHeadersOf } from './session-headers.ts';

const ROUTE = /^\/verify(?:\/([^/]*)(\/.*)?)?$/s;

/**
 * A header with the tenant whose sessions the proxy asks about. It is for a proxy that appends its
 * client's path to ours and takes any 200 for a yes, as Envoy does. Dot segments could lead such a
 * path anywhere. So with this header, nothing else is answered.
 */
const NAMED = 'X-Latchkey-Verify';

/**
 * A slash too many after the tenant would turn a question about a device into one about the token
 * alone. So a path below the tenant is answered only to a proxy that sends the header.
 */
const STRAY =
  `A path below /verify/<tenant>, even a single slash, is answered only if the header ${NAMED} ` +
  'names the tenant.';

/**
 * A request to `/verify`: whose sessions are meant, whether the query is the proxy's own, and the
 * status of a yes.
 */
export interface VerifyRoute {
  /** Undefined: sessions of any tenant. */
  tenantId: number | undefined;
  asks: boolean;
  /** The path is not allowed. The token is not examined. */
  isStray: boolean;
  yes: 200 | 204;
}

export function verifyRouteOf(request: Request): VerifyRoute | null {
  const match = ROUTE.exec(getPath(request));
  const named = request.headers.get(NAMED);
  if (!match && named === null) return null;
  const [, tenant, rest] = match ?? [];
  const tenantId = tenant === undefined ? undefined : (readId(tenant) ?? NOBODY);
  const asks = rest === undefined;
  if (named === null) return { tenantId, asks, isStray: !asks, yes: 204 };
  const meant = readId(named) === tenantId ? (tenantId ?? NOBODY) : NOBODY;
  return { tenantId: meant, asks, isStray: false, yes: 200 };
}

/** Asks about the token alone. */
const NO_QUESTION: ParsedQuestion = { consistency: 'FAST' };

/** Most questions are one pair without escapes. */
const PLAIN = /^([a-z]+)=([\w.~-]+)$/;

function questionOf(url: string): ParsedQuestion {
  const start = url.indexOf('?');
  if (start < 0) return NO_QUESTION;
  const [, name, value] = PLAIN.exec(url.slice(start + 1)) ?? [];
  if (name !== undefined && value !== undefined) return readQuestion([[name, value]]);
  const pairs = readQueryPairs(url);
  return pairs ? readQuestion(pairs) : malformed(notUtf8('The query string'));
}

/** Says who acts, in a support session. */
const ACTING = 'X-Latchkey-Actor';

/** Headers that say what a yes is about. */
function grantHeadersOf(granted: Granted): Record<string, string> {
  const { device, station, permission } = grantFieldsOf(granted);
  return {
    ...(device !== undefined && { 'X-Latchkey-Device': device }),
    ...(station !== undefined && { 'X-Latchkey-Station': station }),
    'X-Latchkey-Permission': permission,
  };
}

/**
 * Reused by all responses, each of which copies it. Keeping one for each session would take three
 * kilobytes of memory.
 */
const reusedHeaders = new Headers();

/**
 * A yes. The headers about the session replace those of the response before. Those about the
 * question, and about who acts, are removed again.
 */
function allowed(
  requestId: string,
  status: 200 | 204,
  { known, granted }: Extract<Verdict, { kind: 'allowed' }>,
): Response {
  const headers: Record<string, string> = sessionHeadersOf(known);
  for (const name in headers) reusedHeaders.set(name, headers[name] ?? '');
  reusedHeaders.set('X-Request-Id', requestId);
  const { actor } = known.record;
  if (!granted && actor === undefined) {
    return new Response(null, { status, headers: reusedHeaders });
  }
  const about = granted ? grantHeadersOf(granted) : {};
  if (actor !== undefined) about[ACTING] = encodeURIComponent(actor);
  for (const name in about) reusedHeaders.set(name, about[name] ?? '');
  const response = new Response(null, { status, headers: reusedHeaders });
  for (const name in about) reusedHeaders.delete(name);
  return response;
}

function unknown(header: string | null, tenantId: number | undefined): Response {
  if (tenantId === undefined) return unknownToken(header);
  return unknownToken(header, tenantId === NOBODY ? NOT_A_TENANT : NOT_OF_TENANT);
}

/** The response to a request: at once if the isolate knows the token. */
export function verify(
  context: RequestContext,
  request: Request,
  { tenantId, asks, isStray, yes }: VerifyRoute,
): MaybePromise<Response> {
  const header = request.headers.get('Authorization');
  const failed = (error: unknown): Response =>
    context.stamp(present(error, context.requestId, header ?? undefined));
  try {
    const call = context.openCall();
    if (isStray) return context.stamp(deniedToken(STRAY));
    const token = header === null ? null : bearerToken(header);
    if (token === null) return context.stamp(unknown(header, tenantId));
    const { malformed, question, consistency } = asks ? questionOf(request.url) : NO_QUESTION;
    const options = { question, consistency, activity: true, tenantId };
    const answer = chain(checkToken(call, token, options), (verdict) => {
      if (verdict.kind === 'unknown') return context.stamp(unknown(header, tenantId));
      if (malformed) return context.stamp(deniedToken(malformed));
      if (verdict.kind === 'denied') return context.stamp(deniedToken(noPermission(question)));
      return context.mark(allowed(context.requestId, yes, verdict));
    });
    return answer instanceof Promise ? answer.catch(failed) : answer;
  } catch (error) {
    return failed(error);
  }
}
