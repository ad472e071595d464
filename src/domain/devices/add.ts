/** Takes devices into stock, or assigns them to a tenant. For the operator. */

import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, refuseAny } from '../../base/faults.ts';
import { atMost, parse } from '../../base/text.ts';
import { d } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { select } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
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
import { assignDevices, conflictsOf, listedDevices, withdrawMeters } from './assign.ts';
import { selectSimilarIds, warningOf } from './similar-ids.ts';

const input = v.object({
  devices: v.pipe(
    atMost(MAX_DEVICES, `Give at most ${MAX_DEVICES} devices per call.`),
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
              message: 'This id is already in the list. Give each device once.',
            },
          ]
        : [];
    }),
  );
}

/** A meterId is unique within an intermediary, so a device in stock has none. */
const metersInStock = (devices: DevicesToAdd['devices']): Complaint[] =>
  devices.flatMap(({ meterId }, index): Complaint[] =>
    meterId == null
      ? []
      : [
          {
            code: 'INVALID',
            path: ['devices', String(index), 'meterId'],
            message: 'A device in stock has no meterId. Set it when the device is assigned.',
          },
        ],
  );

export interface AddedDevices {
  devices: Device[];
  /** Warnings about what was done but may be a mistake. */
  warnings: string[];
}

const addition = (permit: Permit<'device.add'>, items: SQL) =>
  event(
    permit,
    {
      action: 'device.add',
      subject: { deviceIds: jsonList(d.deviceId) },
    },
    sql`FROM ${listedDevices(items)}
      WHERE ${d.changeId} = ${permit.change} HAVING count(*) > 0`,
  );

/**
 * Adds devices, all or nothing. A device that is already assigned so stays unchanged. A new meterId
 * replaces the old one. Conflicts are judged by the result: two devices can swap their meterIds.
 * Without a tenant, devices that are new go into stock.
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
    // Copies hold meterIds. With an old one, which may soon belong to another device, the device
    // would still be found.
    withdrawn: withdrawMeters(permit, items, free),
    ...assignDevices(permit, isForStock ? null : tenantId, items, free),
    // Stock belongs to no tenant, so no tenant's trail records it.
    ...(isForStock ? {} : { event: addition(permit, items) }),
    assigned: select(
      { ...deviceColumns, changed: sql<0 | 1>`${d.changeId} = ${change}` },
      sql`FROM ${listedDevices(items)} ORDER BY j.key`,
    ),
    alike: selectSimilarIds(items),
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
