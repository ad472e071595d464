/** `/verify`: what reverse proxies ask with each request of their clients. Nothing here waits that need not. */
import { readId } from '../base/text.ts';
import type { Call } from '../domain/permit.ts';
import { checkToken } from '../domain/sessions/check.ts';
import type { SessionRecord } from '../domain/sessions/record.ts';
import { bearerToken } from '../policy/authenticate.ts';
import { deniedToken, NO_PERMISSION, unknownToken } from './answers.ts';
import { type Asked, NOBODY, readQuestion } from './question.ts';

const ROUTE = /^\/verify(?:\/([^/]*)(\/.*)?)?$/;

/** A path below `/verify`: whose sessions are meant, and whether the query is the proxy's own. */
export interface Route {
  /** Undefined: any tenant's. */
  tenantId: number | undefined;
  asks: boolean;
}

export function routeOf(path: string): Route | null {
  const match = ROUTE.exec(path);
  if (!match) return null;
  const [, tenant, rest] = match;
  return {
    tenantId: tenant === undefined ? undefined : (readId(tenant) ?? NOBODY),
    asks: rest === undefined,
  };
}

/** The token alone: is it good? */
const NO_QUESTION: Asked = { consistency: 'FAST' };

function askedBy(url: string): Asked {
  const start = url.indexOf('?');
  return start < 0 ? NO_QUESTION : readQuestion(new URLSearchParams(url.slice(start)));
}

const good = new WeakMap<SessionRecord, Headers>();

/** Made once for as long as a record is remembered. */
function headersOf(record: SessionRecord): Headers {
  let headers = good.get(record);
  if (!headers) {
    headers = new Headers({
      'Cache-Control': 'no-store',
      'X-Latchkey-User': String(record.userId),
      'X-Latchkey-External-Id': encodeURIComponent(record.externalId ?? ''),
      'X-Latchkey-Tenant': String(record.tenantId),
      'X-Latchkey-Expires-At': new Date(record.expiresAt).toISOString(),
    });
    good.set(record, headers);
  }
  return headers;
}

export async function verify(
  call: Call,
  request: Request,
  { tenantId, asks }: Route,
): Promise<Response> {
  const header = request.headers.get('Authorization');
  const token = header === null ? null : bearerToken(header);
  if (token === null) return unknownToken(header !== null);
  const { odd, question, consistency } = asks ? askedBy(request.url) : NO_QUESTION;
  const verdict = await checkToken(call, token, {
    question,
    consistency,
    activity: true,
    tenantId,
  });
  if (verdict.kind === 'unknown') return unknownToken(true);
  if (odd) return deniedToken(odd);
  if (verdict.kind === 'denied') return deniedToken(NO_PERMISSION);
  const headers = headersOf(verdict.record);
  // Envoy takes nothing but 200 for a yes: it asks for it so (RFC 7240, section 4.2).
  if (!asks && request.headers.get('Prefer') === 'return=representation') {
    const { userId, externalId, tenantId: tenant } = verdict.record;
    const body = { user: String(userId), external_id: externalId, tenant: String(tenant) };
    return Response.json(body, { headers });
  }
  return new Response(null, { status: 204, headers });
}
