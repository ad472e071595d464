/**
 * Many people with permissions on one device and many sessions each. Some of the sessions are
 * checked.
 */
import { sql } from 'drizzle-orm';
import { connect } from '../../../../src/db/connect.ts';
import { selectRecords, toRecord } from '../../../../src/domain/entities/session.ts';
import { copyKey } from '../../../../src/domain/sessions/kv.ts';
import { plantCrowd } from '../../../crowd.ts';
import { env, freshDeviceId, type Tenant } from '../../../world.ts';
import type { Simulation } from './isolates.ts';
import type { Person } from './people.ts';

/** `asked`: about how many of the sessions are asked about, the last of each slice among them. */
export async function newCrowd(
  { clock, kv }: Simulation,
  tenant: Tenant,
  { people, sessionsEach, asked }: { people: number; sessionsEach: number; asked: number },
): Promise<Person[]> {
  const device = { deviceId: freshDeviceId(), meterId: '' };
  const planting = env.DB.prepare(
    "INSERT INTO devices (device_id, tenant_id, change_id) VALUES (?, ?, '')",
  )
    .bind(device.deviceId, Number(tenant.id))
    .run()
    .then(() => plantCrowd(tenant, device, people, sessionsEach, clock.now));
  const { sessions } = await clock.track(planting);
  const every = Math.max(1, Math.floor(sessions.length / asked));
  const chosen = sessions.filter((_, at) => at % every === every - 1);
  const ids = sql`s.id IN (SELECT value FROM
    json_each(${JSON.stringify(chosen.map(({ id }) => id))}))`;
  const rows = await clock.track(connect(env.DB).read(selectRecords(ids, clock.now)));
  for (const row of rows) kv.plant(copyKey(row.id), JSON.stringify(toRecord(row, clock.now)));
  return chosen.map(({ id, token }) => ({
    ...{ tenant, externalId: '', device, sessionId: id, token, openedAt: clock.now },
  }));
}
