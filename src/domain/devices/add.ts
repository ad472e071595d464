/** The operator takes devices into stock, or assigns them to a tenant. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, refuseAny } from '../../base/faults.ts';
import { few, parse } from '../../base/text.ts';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { running } from '../permissions/permission.ts';
import { NO_TENANT, type Permit } from '../permit.ts';
import { publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import { tenantExists, unknownTenant } from '../tenant.ts';
import { selectAlike, warningOf } from './alike.ts';
import { type Device, deviceColumns, deviceId, MAX_DEVICES, meterId } from './device.ts';

const input = v.object({
  devices: v.pipe(
    few(MAX_DEVICES, `Give at most ${MAX_DEVICES} devices a call.`),
    v.array(v.object({ deviceId, meterId: v.nullish(meterId) })),
    v.minLength(1, 'Give at least one device.'),
  ),
});

export interface DevicesToAdd {
  devices: { deviceId: string; meterId?: string | null | undefined }[];
}

function duplicates(devices: DevicesToAdd['devices']): Complaint[] {
  const seen = new Set<string>();
  return devices.flatMap((device, index) =>
    (['deviceId', 'meterId'] as const).flatMap((field): Complaint[] => {
      const id = device[field];
      if (id == null) return [];
      const repeated = seen.has(`${field} ${id}`);
      seen.add(`${field} ${id}`);
      return repeated
        ? [
            {
              code: 'INVALID',
              path: ['devices', String(index), field],
              message: 'This id stands earlier in the list too: give each device once.',
            },
          ]
        : [];
    }),
  );
}

/** A meterId is unique with its intermediary: in stock a device has none. */
const metersInStock = (devices: DevicesToAdd['devices']): Complaint[] =>
  devices.flatMap(({ meterId }, index): Complaint[] =>
    meterId == null
      ? []
      : [
          {
            code: 'INVALID',
            path: ['devices', String(index), 'meterId'],
            message: 'A device in stock has no meterId. Give it once the device is assigned.',
          },
        ],
  );

export interface AddedDevices {
  devices: Device[];
  /** What was done, and may not have been meant. */
  warnings: string[];
}

const addition = (permit: Permit<'device.add'>, items: SQL) =>
  event(
    permit,
    {
      action: 'device.add',
      subject: sql`json_object('deviceIds', json(json_group_array(d.device_id)))`,
    },
    sql`FROM json_each(${items}) j JOIN devices d ON d.device_id = j.value->>'d'
      WHERE d.change_id = ${permit.change} HAVING count(*) > 0`,
  );

/**
 * All or nothing. A device that is already so assigned is unchanged; a new meterId replaces the old
 * one. What counts is how the devices are afterwards: two of them can swap their meterIds. Where no
 * tenant is named they are new in stock.
 */
export async function addDevices(
  permit: Permit<'device.add'>,
  raw: DevicesToAdd,
): Promise<AddedDevices> {
  const { devices } = parse(input, raw);
  const { tenantId, change, now, db } = permit;
  const isForStock = tenantId === NO_TENANT;
  refuseAny([...duplicates(devices), ...(isForStock ? metersInStock(devices) : [])]);
  const owner = isForStock ? null : tenantId;
  const items = sql`${JSON.stringify(devices.map(({ deviceId, meterId }) => ({ d: deviceId, m: meterId ?? null })))}`;
  const tenant = isForStock ? sql`${1}` : tenantExists(tenantId);
  const moved = sql`SELECT j.value->>'d' FROM json_each(${items}) j WHERE j.value->>'m' IS NOT NULL`;
  const taken = sql`
    SELECT j.key AS item,
      EXISTS (SELECT 1 FROM devices WHERE device_id = j.value->>'d' AND tenant_id <> ${tenantId}) AS device,
      j.value->>'m' IS NOT NULL AND EXISTS (
        SELECT 1 FROM devices WHERE tenant_id = ${tenantId} AND meter_id = j.value->>'m' AND device_id <> j.value->>'d'
          AND device_id NOT IN (${moved})) AS meter
    FROM json_each(${items}) j`;
  const conflicting = sql`SELECT * FROM (${taken}) WHERE device OR meter`;
  const free = sql`${tenant} AND NOT EXISTS (${conflicting})`;

  const {
    found: [found],
    conflicts,
    assigned,
    withdrawn,
    alike,
  } = await db.batch({
    found: statement<{ tenant: 0 | 1 }>(sql`SELECT ${tenant} AS tenant`),
    conflicts: statement<{ item: number; device: 0 | 1; meter: 0 | 1 }>(
      sql`${conflicting} ORDER BY item`,
    ),
    // Copies tell a device's meterId. By an old one it would go on being found there: it may soon be another's.
    withdrawn: withdrawLive(
      permit,
      'device',
      sql`SELECT p.user_id FROM json_each(${items}) j CROSS JOIN devices d ON d.device_id = j.value->>'d'
        CROSS JOIN permissions p ON p.device_id = d.device_id
        WHERE +d.tenant_id = ${tenantId} AND j.value->>'m' IS NOT NULL AND d.meter_id IS NOT j.value->>'m'
          AND ${running(now)} AND ${free}`,
    ),
    // SQLite checks that a meterId is one device's only after each row, not at the end of a statement.
    vacate: statement(sql`
      UPDATE devices SET meter_id = NULL, change_id = ${change} WHERE device_id IN (
        SELECT d.device_id FROM json_each(${items}) j CROSS JOIN devices d ON d.device_id = j.value->>'d'
        WHERE +d.tenant_id = ${tenantId} AND d.meter_id <> j.value->>'m'
          AND d.meter_id IN (SELECT j.value->>'m' FROM json_each(${items}) j)) AND ${free}`),
    upsert: statement(sql`
      INSERT INTO devices (device_id, tenant_id, meter_id, change_id)
      SELECT j.value->>'d', ${owner}, j.value->>'m', ${change} FROM json_each(${items}) j WHERE ${free}
      ON CONFLICT (device_id) DO UPDATE SET
        tenant_id = excluded.tenant_id, meter_id = coalesce(excluded.meter_id, devices.meter_id), change_id = excluded.change_id
      WHERE devices.tenant_id IS NOT excluded.tenant_id
        OR excluded.meter_id IS NOT NULL AND devices.meter_id IS NOT excluded.meter_id`),
    // What is in stock concerns no tenant, and is told in no tenant's trail.
    ...(isForStock ? {} : { event: addition(permit, items) }),
    assigned: statement<Device & { changed: 0 | 1 }>(sql`
      SELECT ${deviceColumns}, d.change_id = ${change} AS changed
      FROM json_each(${items}) j JOIN devices d ON d.device_id = j.value->>'d' ORDER BY j.key`),
    alike: selectAlike(items),
  });
  refuseAny([
    ...(found?.tenant ? [] : [unknownTenant]),
    ...conflicts.map(
      ({ item, device }): Complaint => ({
        code: 'CONFLICT',
        path: ['devices', String(item), device ? 'deviceId' : 'meterId'],
        message: device
          ? 'This device is assigned to another intermediary. Remove it there first.'
          : 'Another device of this intermediary has this meterId.',
      }),
    ),
  ]);
  publishWithdrawn(permit.call, withdrawn);
  return { devices: assigned, warnings: alike.map(warningOf) };
}
