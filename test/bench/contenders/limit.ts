/**
 * The limits: Workers without a framework that read what Latchkey reads and send what it sends, and
 * do no more than that. Only the cold one asks whose the token is: with the least that a revocable
 * session takes, one hash and one KV read.
 */
import { setSecurityHeaders } from '../../../src/base/security-headers.ts';
import type { Contender, Seeds } from '../stage.ts';
import { bearer, type Holder, LIFETIME_MS, randomToken, sha256, TENANT, userId } from './answer.ts';

interface Env {
  SESSIONS: KVNamespace;
}

const REQUEST_ID = '9b2f7a52-6f0c-4b56-8f5e-3d1c0f9a7e21';

/** Latchkey's six. */
const headersOf = ({ user, tenant, expiresAt }: Holder) => ({
  'Cache-Control': 'no-store',
  'X-Latchkey-User': user,
  'X-Latchkey-External-Id': `external-${user}`,
  'X-Latchkey-Tenant': tenant,
  'X-Latchkey-Expires-At': new Date(expiresAt).toISOString(),
  'X-Request-Id': REQUEST_ID,
});

const holderOf = (n: number, now: number): Holder => ({
  user: String(userId(n)),
  tenant: TENANT,
  expiresAt: now + LIFETIME_MS,
});

const refused = (): Response => new Response(null, { status: 401 });

/** Whether it is a check, and nobody names a tenant besides: its Authorization header then. */
function authorization({ url, headers }: Request): string | null {
  if (!url.endsWith(`/verify/${TENANT}`) || headers.has('X-Latchkey-Verify')) return null;
  return headers.get('Authorization');
}

/** Made once, which is faster than from an object with each answer. */
const made = new Headers(headersOf(holderOf(0, 0)));

export const limit: Contender<object> = {
  fetch: (request) =>
    authorization(request) === null
      ? refused()
      : new Response(null, { status: 204, headers: made }),
};

async function seed(many: number): Promise<Seeds> {
  const sessions: Seeds['sessions'] = [];
  const kv: [string, string][] = [];
  const now = Date.now();
  for (let n = 0; n < many; n++) {
    const token = randomToken();
    const holder = holderOf(n, now);
    sessions.push({ token, user: holder.user });
    kv.push([await sha256(token), JSON.stringify(holder)]);
  }
  return { sessions, kv };
}

export const limitCold: Contender<Env> = {
  async fetch(request, { SESSIONS }) {
    const token = bearer(authorization(request) ?? undefined);
    const holder = await SESSIONS.get<Holder>(await sha256(token), 'json');
    if (!holder || holder.tenant !== TENANT || holder.expiresAt <= Date.now()) return refused();
    return new Response(null, { status: 204, headers: headersOf(holder) });
  },
  seed,
};

const ACTIVE = {
  active: true,
  sub: String(userId(0)),
  client_id: TENANT,
  username: 'external-0',
  token_type: 'Bearer',
  iat: 1_794_000_000,
  exp: 1_796_678_400,
};

const described = new Headers({ 'Content-Type': 'application/json', 'X-Request-Id': REQUEST_ID });
setSecurityHeaders(described);

export const limitIntrospect: Contender<object> = {
  async fetch(request) {
    if (!request.url.endsWith('/introspect') || !request.headers.get('Authorization')) {
      return refused();
    }
    const form = new URLSearchParams(await request.text());
    if (form.get('token') === null) return refused();
    return new Response(JSON.stringify(ACTIVE), { headers: described });
  },
};
