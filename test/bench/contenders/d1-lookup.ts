/**
 * A session looked up in D1 at each check, as the usual guides teach: the row with its user, its
 * hash, its end, its grant.
 */
import { Hono } from 'hono';
import type { Contender, Row, Seeds } from '../stage.ts';
import { bearer, idOf, judge, newSession, sha256 } from './answer.ts';

interface Env {
  DB: D1Database;
}

interface Found {
  user: number;
  tenant: string;
  hash: string;
  expiresAt: number;
  /** The device that was asked about, if the user may see it. */
  device: string | null;
}

const app = new Hono<{ Bindings: Env }>().get('/verify/:tenant', async ({ req, env }) => {
  const token = bearer(req.header('Authorization'));
  const found = await env.DB.prepare(
    `SELECT users.id AS user, users.tenant, sessions.hash, sessions.expires_at AS expiresAt,
       (SELECT device FROM grants WHERE user_id = users.id AND device = ?2) AS device
     FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.id = ?1`,
  )
    .bind(idOf(token), req.query('device') ?? null)
    .first<Found>();
  const devices = found?.device ? [found.device] : [];
  return judge(req, await sha256(token), found && { ...found, user: String(found.user), devices });
});

async function seed(many: number): Promise<Seeds> {
  const sessions: Seeds['sessions'] = [];
  const answers: [string, Row][] = [];
  const tables: Record<string, Row[]> = { users: [], sessions: [], grants: [] };
  for (let n = 0; n < many; n++) {
    const { session, kept } = await newSession(n);
    const { hash, tenant, expiresAt } = kept;
    const [id, user, device] = [idOf(session.token), Number(kept.user), kept.devices[0] ?? ''];
    sessions.push(session);
    answers.push([id, { user, tenant, hash, expiresAt, device }]);
    tables.users?.push({ id: user, tenant });
    tables.sessions?.push({ id, hash, user_id: user, expires_at: expiresAt });
    tables.grants?.push({ user_id: user, device });
  }
  return { sessions, answers, tables };
}

export const d1Lookup: Contender<Env> = { fetch: app.fetch, seed };
