/** A session kept in KV alone, in the two ways that are common. */
import { type Context, Hono } from 'hono';
import type { Contender, Seeds } from '../stage.ts';
import { bearer, idOf, judge, type Kept, LIFETIME_MS, newSession, sha256 } from './answer.ts';

interface Env {
  SESSIONS: KVNamespace;
}

const keyOf = (token: string): string => `session:${idOf(token)}`;

async function seed(many: number): Promise<Seeds> {
  const sessions: Seeds['sessions'] = [];
  const kv: [string, string][] = [];
  for (let n = 0; n < many; n++) {
    const { session, kept } = await newSession(n);
    sessions.push(session);
    kv.push([keyOf(session.token), JSON.stringify(kept)]);
  }
  return { sessions, kv };
}

type Request = Context<{ Bindings: Env }, '/verify/:tenant'>;

async function check({ req, env }: Request, slides: boolean): Promise<Response> {
  const token = bearer(req.header('Authorization'));
  const key = keyOf(token);
  const kept = await env.SESSIONS.get<Kept>(key, 'json');
  const answer = judge(req, await sha256(token), kept);
  if (kept && slides && answer.ok) {
    const slid = { ...kept, expiresAt: Date.now() + LIFETIME_MS };
    await env.SESSIONS.put(key, JSON.stringify(slid), { expirationTtl: LIFETIME_MS / 1000 });
  }
  return answer;
}

const routed = (slides: boolean): Contender<Env> => ({
  fetch: new Hono<{ Bindings: Env }>().get('/verify/:tenant', (context) => check(context, slides))
    .fetch,
  seed,
});

/** Slides by writing the session anew, with its whole lifetime, at each check. */
export const kvPut = routed(true);
/** Never slides. */
export const kvGet = routed(false);
