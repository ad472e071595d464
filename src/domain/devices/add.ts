/** The operator takes devices into stock, or assigns them to a tenant. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, refuseAny } from '../../base/faults.ts';
import { few, parse } from '../../base/text.ts';
import { d } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { select } from '../../db/statements.ts';
import { gathered } from '../../db/subjects.ts';
import {
  type Device,
  deviceColumns,
  deviceId,
  deviceItems,
  MAX_DEVICES,
  meterId,
} from '../entities/device.ts';
import { NO_TENANT, tenantExists, unknownTenant } from '../entities/tenant.ts';
import type { Permit } from '../permit.ts';
import { publishWithdrawn } from '../sessions/publish.ts';
import { selectAlike, warningOf } from './alike.ts';
import { assign, conflictsOf, listedDevices, withdrawMeters } from './assign.ts';

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
      subject: { deviceIds: gathered(d.deviceId) },
    },
    sql`FROM ${listedDevices(items)}
      WHERE ${d.changeId} = ${permit.change} HAVING count(*) > 0`,
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
  const given = parse(input, raw).devices;
  const { tenantId, change, db } = permit;
  const isForStock = tenantId === NO_TENANT;
  refuseAny([...duplicates(given), ...(isForStock ? metersInStock(given) : [])]);
  const items = deviceItems(given);
  const tenant = sql<0 | 1>`${isForStock ? sql`${1}` : tenantExists(tenantId)}`;
  const conflicting = conflictsOf(tenantId, items);
  const free = sql`${tenant} AND NOT EXISTS (${conflicting})`;

  const {
    found: [found],
    conflicts,
    assigned,
    withdrawn,
    alike,
  } = await db.batch({
    found: select({ tenant }, sql``),
    conflicts: statement<{ item: number; device: 0 | 1; meter: 0 | 1 }>(
      sql`${conflicting} ORDER BY item`,
    ),
    // A copy tells the meterId of a device. By an old one, which may soon be another's, the device
    // would go on being found there.
    withdrawn: withdrawMeters(permit, items, free),
    ...assign(permit, isForStock ? null : tenantId, items, free),
    // What is in stock concerns no tenant, and is told in no tenant's trail.
    ...(isForStock ? {} : { event: addition(permit, items) }),
    assigned: select(
      { ...deviceColumns, changed: sql<0 | 1>`${d.changeId} = ${change}` },
      sql`FROM ${listedDevices(items)} ORDER BY j.key`,
    ),
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
