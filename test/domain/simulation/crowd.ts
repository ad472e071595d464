/** Many people who hold one device and have many sessions each; some of these are asked about. */
import { sql } from 'drizzle-orm';
import { Issuer } from '../../../src/base/issuer.ts';
import { connect } from '../../../src/db/connect.ts';
import { copyKey } from '../../../src/domain/sessions/kv.ts';
import { selectRecords, toRecord } from '../../../src/domain/sessions/record.ts';
import { renewal } from '../../../src/domain/sessions/slide.ts';
import { env, freshDeviceId, type Tenant } from '../../world.ts';
import type { Simulation } from './isolates.ts';
import type { Person } from './people.ts';

let users = 3_000_000;

/** `asked`: about how many of the sessions are asked about, the last of each slice among them. */
export async function newCrowd(
  { clock, kv }: Simulation,
  tenant: Tenant,
  { people, sessionsEach, asked }: { people: number; sessionsEach: number; asked: number },
): Promise<Person[]> {
  const issuer = new Issuer([env.TOKEN_SECRETS]);
  const device = { deviceId: freshDeviceId(), meterId: '' };
  const first = users;
  users += people;
  const many = people * sessionsEach;
  const issued = await clock.track(
    Promise.all(Array.from({ length: many }, () => issuer.issue('ses'))),
  );
  issued.sort((one, other) => (one.id < other.id ? -1 : 1));
  const { renewedAt, renewAfter, expiresAt } = renewal(clock.now);
  const id = Number(tenant.id);
  await clock.track(
    env.DB.batch([
      env.DB.prepare(
        "INSERT INTO devices (device_id, tenant_id, change_id) VALUES (?, ?, '')",
      ).bind(device.deviceId, id),
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
         INSERT INTO users (id, tenant_id, external_id, created_at) SELECT ? + i, ?, 'crowd ' || (? + i), 0 FROM n`,
      ).bind(people, first, id, first),
      env.DB.prepare(
        `INSERT INTO permissions (user_id, device_id, permission, change_id, tenant_id)
         SELECT id, ?, 'VIEW', '', tenant_id FROM users WHERE id >= ? AND id < ?`,
      ).bind(device.deviceId, first, first + people),
      env.DB.prepare(
        `INSERT INTO sessions (id, tenant_id, user_id, hash, created_at, renewed_at, renew_after, expires_at)
         SELECT value ->> 0, ?, ? + key % ?, value ->> 1, ?, ?, ?, ? FROM json_each(?)`,
      ).bind(
        ...[id, first, people, renewedAt, renewedAt, renewAfter, expiresAt],
        JSON.stringify(issued.map(({ id, hash }) => [id, hash])),
      ),
    ]),
  );
  const every = Math.max(1, Math.floor(many / asked));
  const chosen = issued.filter((_, at) => at % every === every - 1);
  const ids = sql`s.id IN (SELECT value FROM json_each(${JSON.stringify(chosen.map(({ id }) => id))}))`;
  const rows = await clock.track(connect(env.DB).read(selectRecords(ids, clock.now)));
  for (const row of rows) kv.plant(copyKey(row.id), JSON.stringify(toRecord(row, clock.now)));
  return chosen.map(({ id, token }) => ({
    ...{ tenant, externalId: '', device, sessionId: id, token, openedAt: renewedAt },
  }));
}
