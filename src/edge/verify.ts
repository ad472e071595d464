/** `/verify`: what reverse proxies ask with each request of their clients. Nothing here waits that need not. */
import { getPath } from 'hono/utils/url';
import { readId } from '../base/text.ts';
import { notUtf8, readQueryPairs } from '../base/utf8.ts';
import type { Call } from '../domain/permit.ts';
import { checkToken } from '../domain/sessions/check.ts';
import type { Granted, SessionRecord } from '../domain/sessions/record.ts';
import { bearerToken } from '../policy/authenticate.ts';
import { deniedToken, NO_TENANT, NOT_OF_TENANT, noPermission, unknownToken } from './answers.ts';
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

function askedBy(url: string): Asked {
  if (!url.includes('?')) return NO_QUESTION;
  const pairs = readQueryPairs(url);
  return pairs ? readQuestion(pairs) : odd(notUtf8('The query string'));
}

const known = new WeakMap<SessionRecord, Headers>();

/** Made once for as long as a record is remembered: an answer copies them in a third of the time. */
function headersOf(record: SessionRecord): Headers {
  let headers = known.get(record);
  if (!headers) {
    headers = new Headers({
      'Cache-Control': 'no-store',
      'X-Latchkey-User': String(record.userId),
      'X-Latchkey-External-Id': encodeURIComponent(record.externalId ?? ''),
      'X-Latchkey-Tenant': String(record.tenantId),
      'X-Latchkey-Expires-At': new Date(record.expiresAt).toISOString(),
    });
    known.set(record, headers);
  }
  return headers;
}

/** A yes. What it is about is told beside who it is. */
function allowed(yes: 200 | 204, record: SessionRecord, granted: Granted | undefined): Response {
  const response = new Response(null, { status: yes, headers: headersOf(record) });
  if (!granted) return response;
  const { device, station, permission } = nameOf(granted);
  if (device !== undefined) response.headers.set('X-Latchkey-Device', device);
  if (station !== undefined) response.headers.set('X-Latchkey-Station', station);
  response.headers.set('X-Latchkey-Permission', permission);
  return response;
}

function unknown(header: string | null, tenantId: number | undefined): Response {
  if (tenantId === undefined) return unknownToken(header);
  return unknownToken(header, tenantId === NOBODY ? NO_TENANT : NOT_OF_TENANT);
}

export async function verify(
  call: Call,
  request: Request,
  { tenantId, asks, isStray, yes }: Route,
): Promise<Response> {
  if (isStray) return deniedToken(STRAY);
  const header = request.headers.get('Authorization');
  const token = header === null ? null : bearerToken(header);
  if (token === null) return unknown(header, tenantId);
  const { odd, question, consistency } = asks ? askedBy(request.url) : NO_QUESTION;
  const verdict = await checkToken(call, token, {
    question,
    consistency,
    activity: true,
    tenantId,
  });
  if (verdict.kind === 'unknown') return unknown(header, tenantId);
  if (odd) return deniedToken(odd);
  if (verdict.kind === 'denied') return deniedToken(noPermission(question));
  return allowed(yes, verdict.record, verdict.granted);
}
