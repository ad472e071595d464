/** `/verify`: what reverse proxies ask with each request of their clients. Nothing here waits that need not. */
import { getPath } from 'hono/utils/url';
import { type Soon, when } from '../base/soon.ts';
import { readId } from '../base/text.ts';
import { notUtf8, readQueryPairs } from '../base/utf8.ts';
import { NO_STORE } from '../base/wire.ts';
import type { Granted, SessionRecord } from '../domain/entities/session.ts';
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
import { type Asked, NOBODY, nameOf, odd, readQuestion } from './question.ts';

const ROUTE = /^\/verify(?:\/([^/]*)(\/.*)?)?$/s;

/**
 * Sent by a proxy that puts its client's path behind ours and takes any 200 for a yes, as Envoy does: the tenant whose
 * sessions it asks about. Dot segments could lead such a path anywhere, so nothing but that is answered then.
 */
const NAMED = 'X-Latchkey-Verify';

/**
 * A slash too many behind the tenant would turn a question about a device into one about the token
 * alone. So a path below the tenant is answered to a proxy that means it, and says so.
 */
const STRAY = `A path below /verify/<tenant>, be it a slash, is answered only where the header ${NAMED} names the tenant.`;

/** A request to `/verify`: whose sessions are meant, whether the query is the proxy's own, and what a yes is. */
export interface Route {
  /** Undefined: any tenant's. */
  tenantId: number | undefined;
  asks: boolean;
  /** No token is looked at. */
  isStray: boolean;
  yes: 200 | 204;
}

export function routeOf(request: Request): Route | null {
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

/** The token alone: is it good? */
const NO_QUESTION: Asked = { consistency: 'FAST' };

/** Most questions: one pair, in which nothing is escaped. */
const PLAIN = /^([a-z]+)=([\w.~-]+)$/;

function askedBy(url: string): Asked {
  const start = url.indexOf('?');
  if (start < 0) return NO_QUESTION;
  const [, name, value] = PLAIN.exec(url.slice(start + 1)) ?? [];
  if (name !== undefined && value !== undefined) return readQuestion([[name, value]]);
  const pairs = readQueryPairs(url);
  return pairs ? readQuestion(pairs) : odd(notUtf8('The query string'));
}

const saidOf = (record: SessionRecord): Record<string, string> => ({
  ...NO_STORE,
  'X-Latchkey-User': String(record.userId),
  'X-Latchkey-External-Id': encodeURIComponent(record.externalId ?? ''),
  'X-Latchkey-Tenant': String(record.tenantId),
  'X-Latchkey-Expires-At': new Date(record.expiresAt).toISOString(),
});

/** What a yes is about. */
function aboutOf(granted: Granted): Record<string, string> {
  const { device, station, permission } = nameOf(granted);
  return {
    ...(device !== undefined && { 'X-Latchkey-Device': device }),
    ...(station !== undefined && { 'X-Latchkey-Station': station }),
    'X-Latchkey-Permission': permission,
  };
}

/** One for all answers: each takes a copy. To keep one for each session would take three kilobytes of memory. */
const told = new Headers();

/** A yes: who it is, which replaces what was told before, and what it is about, which is taken out again. */
function allowed(
  requestId: string,
  status: 200 | 204,
  { known, record, granted }: Extract<Verdict, { kind: 'allowed' }>,
): Response {
  known.said ??= saidOf(record);
  const { said } = known;
  for (const name in said) told.set(name, said[name] ?? '');
  told.set('X-Request-Id', requestId);
  if (!granted) return new Response(null, { status, headers: told });
  const about = aboutOf(granted);
  for (const name in about) told.set(name, about[name] ?? '');
  const response = new Response(null, { status, headers: told });
  for (const name in about) told.delete(name);
  return response;
}

function unknown(header: string | null, tenantId: number | undefined): Response {
  if (tenantId === undefined) return unknownToken(header);
  return unknownToken(header, tenantId === NOBODY ? NOT_A_TENANT : NOT_OF_TENANT);
}

/** The answer to a request: at once where the isolate knows the token. */
export function verify(
  context: RequestContext,
  request: Request,
  { tenantId, asks, isStray, yes }: Route,
): Soon<Response> {
  const header = request.headers.get('Authorization');
  const failed = (error: unknown): Response =>
    context.sign(present(error, context.requestId, header ?? undefined));
  try {
    const call = context.openCall();
    if (isStray) return context.sign(deniedToken(STRAY));
    const token = header === null ? null : bearerToken(header);
    if (token === null) return context.sign(unknown(header, tenantId));
    const { odd, question, consistency } = asks ? askedBy(request.url) : NO_QUESTION;
    const options = { question, consistency, activity: true, tenantId };
    const answer = when(checkToken(call, token, options), (verdict) => {
      if (verdict.kind === 'unknown') return context.sign(unknown(header, tenantId));
      if (odd) return context.sign(deniedToken(odd));
      if (verdict.kind === 'denied') return context.sign(deniedToken(noPermission(question)));
      return context.mark(allowed(context.requestId, yes, verdict));
    });
    return answer instanceof Promise ? answer.catch(failed) : answer;
  } catch (error) {
    return failed(error);
  }
}
