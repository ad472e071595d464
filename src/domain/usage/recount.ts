/** Recounts: triggers keep the counters, and the sweep corrects them. */
import { type SQL, sql } from 'drizzle-orm';
import { DAY } from '../../base/time.ts';
import { ch, d, k, o, p, pr, q, s, se, source, st, u, us } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import type { DAILY } from '../../db/quota.ts';
import { type RowOf, returning, select, update } from '../../db/statements.ts';
import type { Call } from '../permit.ts';
import type { Limit } from './usage.ts';

/** How often a counter is checked, in milliseconds. */
const EVERY_MS = DAY;
/**
 * The most counters in one sweep, and the most rows to count, except that the first counter may
 * have more.
 */
const COUNTERS = 40;
const THINGS = 50_000;

/** How to count everything of a tenant, by indexes. Events are counted anew each day. */
const COUNTS = {
  users: (id) => sql`FROM ${source(u)} WHERE ${u.tenantId} = ${id} AND ${u.externalId} > ''`,
  members: (id) => sql`FROM ${source(u)} WHERE ${u.tenantId} = ${id} AND ${u.email} IS NOT NULL`,
  devices: (id) => sql`FROM ${source(d)} WHERE ${d.tenantId} = ${id}`,
  stations: (id) => sql`FROM ${source(st)} WHERE ${st.tenantId} = ${id}`,
  projects: (id) => sql`FROM ${source(pr)} WHERE ${pr.tenantId} = ${id}`,
  sensors: (id) => sql`FROM ${source(st)} CROSS JOIN ${source(se)} ON ${se.stationId} = ${st.id}
    WHERE ${st.tenantId} = ${id}`,
  channels: (id) => sql`FROM ${source(st)} CROSS JOIN ${source(se)} ON ${se.stationId} = ${st.id}
    CROSS JOIN ${source(ch)} ON ${ch.sensorId} = ${se.id} WHERE ${st.tenantId} = ${id}`,
  assignments: (id) => sql`FROM ${source(st)} CROSS JOIN ${source(us)} ON ${us.stationId} = ${st.id}
    WHERE ${st.tenantId} = ${id}`,
  grants: (id) => sql`FROM ${source(d)} CROSS JOIN ${source(p)} ON ${p.deviceId} = ${d.deviceId}
    WHERE ${d.tenantId} = ${id}`,
  orders: (id) => sql`FROM ${source(o)} WHERE ${o.tenantId} = ${id}`,
  apiKeys: (id) => sql`FROM ${source(k)}
    WHERE ${k.tenantId} = ${id} AND ${k.removedAt} IS NULL AND ${k.graceEndsAt} IS NULL`,
  liveSessions: (id) => sql`FROM ${source(s)}
    WHERE ${s.tenantId} = ${id} AND ${s.revokedAt} IS NULL`,
} satisfies Record<Exclude<Limit, typeof DAILY>, (tenantId: number) => SQL>;

const counter = {
  ...{ tenantId: q.tenantId, name: sql<keyof typeof COUNTS>`${q.name}`, used: q.used },
};
type Counter = RowOf<typeof counter>;

/** The counters that were checked longest ago, those of a tenant together. */
const selectDue = (due: number): Statement<Counter> =>
  select(
    counter,
    sql`FROM ${source(q)} WHERE ${q.recountedAt} <= ${due}
      ORDER BY ${q.recountedAt}, ${q.tenantId} LIMIT ${COUNTERS}`,
  );

/** As many of them as one transaction may count. */
function fewOf(due: Counter[]): Counter[] {
  let things = 0;
  return due.filter(({ used }, at) => {
    things += used;
    return at === 0 || things <= THINGS;
  });
}

/** A part of the sweep: corrects wrong counters and logs them. */
export async function recount({ db, now, requestId }: Call): Promise<void> {
  const counters = fewOf(await db.read(selectDue(now - EVERY_MS)));
  if (counters.length === 0) return;
  const counted = await db.batch(
    Object.fromEntries(
      counters.flatMap(({ tenantId, name }, at) => {
        const here = sql`${q.tenantId} = ${tenantId} AND ${q.name} = ${name}`;
        const used = sql`(SELECT count(*) ${COUNTS[name](tenantId)})`;
        return [
          [`was ${at}`, select({ used: q.used }, sql`FROM ${source(q)} WHERE ${here}`)],
          [
            `is ${at}`,
            returning(update(q, { used, recountedAt: now }, sql`WHERE ${here}`), { used: q.used }),
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
