/** Recounting: the counters are kept by triggers, and the sweep sees to it that they are right. */
import { type SQL, sql } from 'drizzle-orm';
import { type Statement, statement } from '../../db/connect.ts';
import type { DAILY } from '../../db/quota.ts';
import type { Call } from '../permit.ts';
import { DAY } from '../sessions/slide.ts';
import type { Limit } from './usage.ts';

/** A counter is looked at about once a day. */
const EVERY_MS = DAY;
/** Of one sweep: what one transaction counts, in counters and, but for the first of them, in things. */
const COUNTERS = 40;
const THINGS = 50_000;

/** All that a tenant has of each, through indexes. The events of a day are counted anew each day. */
const COUNTS = {
  users: (id) => sql`FROM users WHERE tenant_id = ${id} AND external_id > ''`,
  members: (id) => sql`FROM users WHERE tenant_id = ${id} AND email IS NOT NULL`,
  devices: (id) => sql`FROM devices WHERE tenant_id = ${id}`,
  stations: (id) => sql`FROM stations WHERE tenant_id = ${id}`,
  projects: (id) => sql`FROM projects WHERE tenant_id = ${id}`,
  sensors: (id) =>
    sql`FROM stations st CROSS JOIN sensors se ON se.station_id = st.id WHERE st.tenant_id = ${id}`,
  channels: (id) =>
    sql`FROM stations st CROSS JOIN sensors se ON se.station_id = st.id CROSS JOIN channels ch ON ch.sensor_id = se.id WHERE st.tenant_id = ${id}`,
  assignments: (id) =>
    sql`FROM stations st CROSS JOIN user_stations us ON us.station_id = st.id WHERE st.tenant_id = ${id}`,
  grants: (id) =>
    sql`FROM devices d CROSS JOIN permissions p ON p.device_id = d.device_id WHERE d.tenant_id = ${id}`,
  orders: (id) => sql`FROM orders WHERE tenant_id = ${id}`,
  apiKeys: (id) =>
    sql`FROM api_keys WHERE tenant_id = ${id} AND removed_at IS NULL AND grace_ends_at IS NULL`,
  liveSessions: (id) => sql`FROM sessions WHERE tenant_id = ${id} AND revoked_at IS NULL`,
} satisfies Record<Exclude<Limit, typeof DAILY>, (tenantId: number) => SQL>;

interface Counter {
  tenantId: number;
  name: keyof typeof COUNTS;
  used: number;
}

/** The counters that were not looked at for longest, those of a tenant together. */
const selectDue = (due: number): Statement<Counter> =>
  statement<Counter>(sql`
    SELECT tenant_id AS tenantId, name, used FROM quotas
    WHERE recounted_at <= ${due} ORDER BY recounted_at, tenant_id LIMIT ${COUNTERS}`);

/** As many of them, from the first one on, as one transaction may count. */
function fewOf(due: Counter[]): Counter[] {
  let things = 0;
  return due.filter(({ used }, at) => {
    things += used;
    return at === 0 || things <= THINGS;
  });
}

/** A part of the sweep: what is counted otherwise is put right, and logged. */
export async function recount({ db, now, requestId }: Call): Promise<void> {
  const counters = fewOf(await db.read(selectDue(now - EVERY_MS)));
  if (counters.length === 0) return;
  const counted = await db.batch(
    Object.fromEntries(
      counters.flatMap(({ tenantId, name }, at) => {
        const here = sql`tenant_id = ${tenantId} AND name = ${name}`;
        return [
          [`was ${at}`, statement(sql`SELECT used FROM quotas WHERE ${here}`)],
          [
            `is ${at}`,
            statement(sql`
              UPDATE quotas SET used = (SELECT count(*) ${COUNTS[name](tenantId)}), recounted_at = ${now}
              WHERE ${here} RETURNING used`),
          ],
        ];
      }),
    ),
  );
  counters.forEach(({ tenantId, name }, at) => {
    const [was, is] = [`was ${at}`, `is ${at}`].map(
      (row) => (counted[row]?.[0] as { used: number } | undefined)?.used,
    );
    if (was !== is) console.warn({ requestId, recounted: name, tenantId, was, is });
  });
}
