/** Many people who may all view one device, with many sessions each: planted in D1 at once. */
import { createHash } from 'node:crypto';
import { randomText } from '../src/base/ids.ts';
import { renewal } from '../src/domain/sessions/sliding-expiry.ts';
import { minted } from './secrets.ts';
import { type Device, env, seal, type Tenant } from './world.ts';

export interface CrowdSession {
  id: string;
  token: string;
  hash: string;
}

export interface Crowd {
  /** The first person's id; the others' follow. */
  first: number;
  /** The person that is n-th from the first has every session that is n-th modulo their number. */
  sessions: CrowdSession[];
}

let users = 3_000_000;

/** As the issuer makes them, without the turns of the event loop that it takes for each. */
function newSessions(many: number): CrowdSession[] {
  const ids = Array.from({ length: many }, () => randomText(16)).sort();
  return ids.map((id) => {
    const secret = randomText(24);
    minted.add(secret);
    const token = seal(`lk_ses_${id}${secret}`);
    return { id, token, hash: createHash('sha256').update(token).digest('base64url') };
  });
}

/**
 * The people are called "resident 0" and so on; their sessions, in the order of their ids, begin
 * `now`.
 */
export async function plantCrowd(
  tenant: Tenant,
  { deviceId }: Device,
  people: number,
  sessionsEach: number,
  now: number,
): Promise<Crowd> {
  const first = users;
  users += people;
  const sessions = newSessions(people * sessionsEach);
  const { renewedAt, renewAfter, expiresAt } = renewal(now);
  const id = Number(tenant.id);
  await env.DB.batch([
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
       INSERT INTO users (id, tenant_id, external_id, created_at) SELECT ? + i, ?, 'resident ' || i,
       0 FROM n`,
    ).bind(people, first, id),
    env.DB.prepare(
      `INSERT INTO permissions (user_id, device_id, permission, change_id, tenant_id)
       SELECT id, ?, 'VIEW', '', tenant_id FROM users WHERE id >= ? AND id < ?`,
    ).bind(deviceId, first, first + people),
    env.DB.prepare(
      `INSERT INTO sessions (id, tenant_id, user_id, hash, created_at, renewed_at, renew_after,
        expires_at)
       SELECT value ->> 0, ?, ? + key % ?, value ->> 1, ?, ?, ?, ? FROM json_each(?)`,
    ).bind(
      ...[id, first, people, now, renewedAt, renewAfter, expiresAt],
      JSON.stringify(sessions.map(({ id, hash }) => [id, hash])),
    ),
  ]);
  return { first, sessions };
}
