/**
 * better-auth with KV as its secondary storage, where sessions live then: no check asks a database,
 * so it has none but its own in memory. Its instance is built once, and the token comes as it sends
 * it itself, in a cookie.
 */
import { betterAuth } from 'better-auth';
import { Hono } from 'hono';
import type { Contender, Seeds } from '../stage.ts';
import { accepted, LIFETIME_MS, randomToken, refused, TENANT, userId } from './answer.ts';

interface Env {
  SESSIONS: KVNamespace;
}

const SECRET = 'a secret of the benchmark, at least 32 characters long';

/** KV cannot do everything that a secondary storage is to do; no check needs that. */
const notAtomic = () => Promise.reject(new Error('KV has no atomic operations.'));

const newAuth = ({ SESSIONS }: Env) =>
  betterAuth({
    baseURL: 'http://127.0.0.1',
    secret: SECRET,
    secondaryStorage: {
      get: (key) => SESSIONS.get(key),
      set: (key, value, ttl) => SESSIONS.put(key, value, ttl ? { expirationTtl: ttl } : {}),
      delete: (key) => SESSIONS.delete(key),
      getAndDelete: notAtomic,
      increment: notAtomic,
    },
    user: { additionalFields: { tenant: { type: 'string', required: true } } },
    session: { expiresIn: LIFETIME_MS / 1000 },
    logger: { level: 'error' },
    telemetry: { enabled: false },
  });

let auth: ReturnType<typeof newAuth> | undefined;

const app = new Hono<{ Bindings: Env }>().get('/verify/:tenant', async ({ req, env }) => {
  auth ??= newAuth(env);
  const found = await auth.api.getSession({ headers: req.raw.headers });
  if (!found || found.user.tenant !== req.param('tenant')) return refused();
  const { user, session } = found;
  return accepted({ user: user.id, tenant: user.tenant, expiresAt: session.expiresAt.getTime() });
});

/** Its signed cookie's value: the token and the HMAC over it. */
async function sign(token: string, key: CryptoKey): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(token));
  return encodeURIComponent(`${token}.${Buffer.from(mac).toString('base64')}`);
}

/** Sessions as it writes them itself, without its sign-up, which hashes a password for each. */
async function seed(many: number): Promise<Seeds> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const bytes = new TextEncoder().encode(SECRET);
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
  const sessions: Seeds['sessions'] = [];
  const kv: [string, string][] = [];
  const now = new Date();
  for (let n = 0; n < many; n++) {
    const id = String(userId(n));
    const token = randomToken().slice(0, 32);
    const expiresAt = new Date(now.getTime() + LIFETIME_MS);
    const times = { createdAt: now, updatedAt: now };
    const session = { ...times, id: `s${id}`, token, userId: id, expiresAt, ipAddress: '' };
    const user = {
      ...times,
      id,
      name: 'A User',
      email: `${id}@example.com`,
      emailVerified: true,
      image: null,
      tenant: TENANT,
    };
    kv.push([token, JSON.stringify({ session: { ...session, userAgent: '' }, user })]);
    sessions.push({ token: await sign(token, key), user: id });
  }
  return { sessions, kv };
}

export const secondaryStorage: Contender<Env> = { fetch: app.fetch, seed };
