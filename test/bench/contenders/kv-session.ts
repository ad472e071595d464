/** A session kept in KV alone, in the two ways that are common. */
import { Hono } from 'hono';
import type { Contender, Seeds } from '../stage.ts';
import {
  accepted,
  bearer,
  type Holder,
  LIFETIME_MS,
  randomToken,
  refused,
  sha256,
  TENANT,
  userId,
} from './answer.ts';

interface Env {
  SESSIONS: KVNamespace;
}

type KeyOf = (token: string) => string | Promise<string>;

function seeding(keyOf: KeyOf) {
  return async (many: number): Promise<Seeds> => {
    const sessions: Seeds['sessions'] = [];
    const kv: [string, string][] = [];
    for (let n = 0; n < many; n++) {
      const token = randomToken();
      const user = String(userId(n));
      const holder: Holder = { user, tenant: TENANT, expiresAt: Date.now() + LIFETIME_MS };
      sessions.push({ token, user });
      kv.push([await keyOf(token), JSON.stringify(holder)]);
    }
    return { sessions, kv };
  };
}

const byToken: KeyOf = (token) => `session:${token}`;

/** Slides by writing the session anew, with its whole lifetime, at each check. */
const sliding = new Hono<{ Bindings: Env }>().get('/verify/:tenant', async ({ req, env }) => {
  const key = await byToken(bearer(req.header('Authorization')));
  const holder = await env.SESSIONS.get<Holder>(key, 'json');
  if (!holder || holder.tenant !== req.param('tenant')) return refused();
  const slid = { ...holder, expiresAt: Date.now() + LIFETIME_MS };
  await env.SESSIONS.put(key, JSON.stringify(slid), { expirationTtl: LIFETIME_MS / 1000 });
  return accepted(slid);
});

export const kvPut: Contender<Env> = { fetch: sliding.fetch, seed: seeding(byToken) };

const byHash: KeyOf = async (token) => `session:${await sha256(token)}`;

/** Never slides; the token is not at rest, only its hash. */
const fixed = new Hono<{ Bindings: Env }>().get('/verify/:tenant', async ({ req, env }) => {
  const key = await byHash(bearer(req.header('Authorization')));
  const holder = await env.SESSIONS.get<Holder>(key, 'json');
  if (!holder || holder.tenant !== req.param('tenant') || holder.expiresAt <= Date.now()) {
    return refused();
  }
  return accepted(holder);
});

export const kvGet: Contender<Env> = { fetch: fixed.fetch, seed: seeding(byHash) };
