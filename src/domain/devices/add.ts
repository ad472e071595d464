/** Takes devices into stock, or assigns them to a tenant. For the operator. */

import { type SQL, sql } from 'drizzle-orm';
import { refuseAny } from '../../base/faults.ts';
import { d } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { select } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
import { type Device, deviceColumns, deviceItems } from '../entities/device.ts';
import { tenantExists, unknownTenant } from '../entities/tenant.ts';
import type { Permit } from '../permit.ts';
import { publishWithdrawn } from '../sessions/publish.ts';
import {
  assignDevices,
  conflictsOf,
  listedDevices,
  selectConflicts,
  withdrawMeters,
} from './assign.ts';
import { conflictComplaint, type DevicesToAdd, readDevices } from './given.ts';
import { selectSimilarIds, warningOf } from './similar-ids.ts';

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
  const { devices: given, isForStock } = readDevices(permit, raw);
  const { tenantId, change, db } = permit;
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
    conflicts: selectConflicts(conflicting),
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
  refuseAny([...(found?.tenant ? [] : [unknownTenant]), ...conflicts.map(conflictComplaint)]);
  publishWithdrawn(permit.call, withdrawn);
  return { devices: assigned, warnings: alike.map(warningOf) };
}
