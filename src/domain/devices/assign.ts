/** Assigns a list of devices to a tenant, or takes it into stock. */
import { type SQL, sql } from 'drizzle-orm';
import { d, p, source } from '../../db/aliases.ts';
import { type Statement, statement } from '../../db/connect.ts';
import { devices } from '../../db/schema.ts';
import { assignments, excluded, insert, onConflict, update } from '../../db/statements.ts';
import { running } from '../entities/permission.ts';
import type { Permit } from '../permit.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';

/** The existing devices `d` of the list `items`, joined as `j`. */
export const listedDevices = (items: SQL): SQL => sql`
  json_each(${items}) j CROSS JOIN ${source(d)} ON ${d.deviceId} = j.value->>'d'`;

/**
 * The conflicts, by `item`. `device`: another tenant has the device. `meter`: another device of the
 * tenant has the meterId.
 */
export function conflictsOf(tenantId: number, items: SQL): SQL {
  const moved = sql`
    SELECT j.value->>'d' FROM json_each(${items}) j WHERE j.value->>'m' IS NOT NULL`;
  const device = sql`EXISTS (
    SELECT 1 FROM ${source(d)}
    WHERE ${d.deviceId} = j.value->>'d' AND ${d.tenantId} <> ${tenantId})`;
  const meter = sql`j.value->>'m' IS NOT NULL AND EXISTS (
    SELECT 1 FROM ${source(d)} WHERE ${d.tenantId} = ${tenantId} AND ${d.meterId} = j.value->>'m'
      AND ${d.deviceId} <> j.value->>'d' AND ${d.deviceId} NOT IN (${moved}))`;
  return sql`
    SELECT * FROM (
      SELECT j.key AS item, ${device} AS device, ${meter} AS meter FROM json_each(${items}) j)
    WHERE device OR meter`;
}

export interface Conflict {
  item: number;
  device: 0 | 1;
  meter: 0 | 1;
}

/** Selects conflicts, in the order of the list. */
export const selectConflicts = (conflicting: SQL): Statement<Conflict> =>
  statement(sql`${conflicting} ORDER BY item`);

/**
 * Withdraws copies of users whose device gets another meterId, if the change is `free` to be made.
 */
export const withdrawMeters = (permit: Permit<'device.add'>, items: SQL, free: SQL) =>
  withdrawLive(
    permit,
    'device',
    sql`SELECT ${p.userId} FROM ${listedDevices(items)}
        CROSS JOIN ${source(p)} ON ${p.deviceId} = ${d.deviceId}
      WHERE +${d.tenantId} = ${permit.tenantId} AND j.value->>'m' IS NOT NULL
        AND ${d.meterId} IS NOT j.value->>'m' AND ${running(permit.now)} AND ${free}`,
  );

/** Assigns the devices to `owner`, or to nobody, if the change is `free` to be made. */
export const assignDevices = (
  { tenantId, change }: Permit<'device.add'>,
  owner: number | null,
  items: SQL,
  free: SQL,
) => ({
  // SQLite checks after each row, not after the statement, that a meterId is unique. So old
  // meterIds are cleared first.
  vacate: update(
    d,
    { meterId: null, changeId: change },
    sql`WHERE ${d.deviceId} IN (
        SELECT ${d.deviceId} FROM ${listedDevices(items)}
        WHERE +${d.tenantId} = ${tenantId} AND ${d.meterId} <> j.value->>'m'
          AND ${d.meterId} IN (SELECT j.value->>'m' FROM json_each(${items}) j))
      AND ${free}`,
  ),
  upsert: insert(
    devices,
    {
      ...{ deviceId: sql`j.value->>'d'`, tenantId: owner },
      ...{ meterId: sql`j.value->>'m'`, changeId: change },
    },
    sql`FROM json_each(${items}) j WHERE ${free}
      ${onConflict(devices.deviceId)} DO UPDATE SET ${assignments(devices, {
        tenantId: excluded(devices.tenantId),
        meterId: sql`coalesce(${excluded(devices.meterId)}, ${devices.meterId})`,
        changeId: excluded(devices.changeId),
      })}
      WHERE ${devices.tenantId} IS NOT ${excluded(devices.tenantId)}
        OR ${excluded(devices.meterId)} IS NOT NULL
          AND ${devices.meterId} IS NOT ${excluded(devices.meterId)}`,
  ),
});
