/** A session looked up in D1 at each check, as the usual guides teach: the token's hash, the row with its user, the end. */
import { Hono } from 'hono';
import type { Contender, Row, Seeds } from '../stage.ts';
import {
  accepted,
  bearer,
  LIFETIME_MS,
  randomToken,
  refused,
  sha256,
  TENANT,
  userId,
} from './answer.ts';

interface Env {
  DB: D1Database;
}

interface Found {
  user: number;
  tenant: string;
  expiresAt: number;
}

export const SCHEMA = [
  'CREATE TABLE users (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL)',
  'CREATE TABLE sessions (hash TEXT PRIMARY KEY, user_id INTEGER NOT NULL, expires_at INTEGER NOT NULL)',
];

const app = new Hono<{ Bindings: Env }>().get('/verify/:tenant', async ({ req, env }) => {
  const hash = await sha256(bearer(req.header('Authorization')));
  const found = await env.DB.prepare(
    `SELECT users.id AS user, users.tenant, sessions.expires_at AS expiresAt
     FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.hash = ?`,
  )
    .bind(hash)
    .first<Found>();
  if (!found || found.expiresAt <= Date.now() || found.tenant !== req.param('tenant')) {
    return refused();
  }
  return accepted({ ...found, user: String(found.user) });
});

async function seed(many: number): Promise<Seeds> {
  const seeds = { sessions: [], answers: [], tables: { users: [], sessions: [] } } satisfies Seeds;
  const sessions: Seeds['sessions'] = seeds.sessions;
  const answers: [string, Row][] = seeds.answers;
  const tables: { users: Row[]; sessions: Row[] } = seeds.tables;
  for (let n = 0; n < many; n++) {
    const token = randomToken();
    const hash = await sha256(token);
    const user = userId(n);
    const expiresAt = Date.now() + LIFETIME_MS;
    sessions.push({ token, user: String(user) });
    answers.push([hash, { user, tenant: TENANT, expiresAt }]);
    tables.users.push({ id: user, tenant: TENANT });
    tables.sessions.push({ hash, user_id: user, expires_at: expiresAt });
  }
  return { sessions, answers, tables };
}

export const d1Lookup: Contender<Env> = { fetch: app.fetch, seed };
