/** The two lists of devices in the input, and their grants. */
import { type SQL, sql } from 'drizzle-orm';
import { source, u } from '../../db/aliases.ts';
import { permissions } from '../../db/schema.ts';
import { insert, select } from '../../db/statements.ts';
import {
  deviceItems,
  meantDevice,
  type ParsedDeviceIdentifier,
  resolveDevices,
} from '../entities/device.ts';
import { orRenew } from '../permissions/grant.ts';
import type { Permit } from '../permit.ts';

type ListName = 'deviceIdentifiers' | 'chargingDeviceIdentifiers';

/** The devices of each list, as rows `r` of `resolveDevices`. */
export const listsOf = (tenantId: number, wanted: Record<ListName, ParsedDeviceIdentifier[]>) => ({
  deviceIdentifiers: resolveDevices(tenantId, deviceItems(wanted.deviceIdentifiers)),
  chargingDeviceIdentifiers: resolveDevices(
    tenantId,
    deviceItems(wanted.chargingDeviceIdentifiers),
  ),
});
export type Lists = ReturnType<typeof listsOf>;

/** The names in a list that match no device of the tenant. */
const faultyIn = (lists: Lists, list: keyof Lists): SQL => sql`
  SELECT ${list} AS list, r.item AS item, r.value AS value FROM (${lists[list]}) r
  WHERE r.dev IS NULL`;

/** The unknown names of both lists. */
export const selectFaults = (tenantId: number, lists: Lists) =>
  select(
    {
      ...{ list: sql<keyof Lists>`r.list`, item: sql<number>`r.item` },
      meant: meantDevice(tenantId),
    },
    sql`FROM (${faultyIn(lists, 'deviceIdentifiers')}
      UNION ALL ${faultyIn(lists, 'chargingDeviceIdentifiers')}) r`,
  );

/** Whether the tenant has all the devices, and the picked user is not suspended. */
export const isSound = (lists: Lists, picked: SQL): SQL => sql`
  NOT EXISTS (${faultyIn(lists, 'deviceIdentifiers')})
  AND NOT EXISTS (${faultyIn(lists, 'chargingDeviceIdentifiers')})
  AND NOT EXISTS (
    SELECT 1 FROM ${source(u)} WHERE ${picked} AND ${u.suspendedAt} IS NOT NULL)`;

/** Grants the devices to the user `u`. Running grants keep their ends. */
export const grantAll = ({ now, change }: Permit<string>, lists: Lists, fits: SQL) =>
  insert(
    permissions,
    {
      ...{ userId: u.id, deviceId: sql`r.dev`, permission: sql`r.permission`, expiresAt: null },
      ...{ changeId: change, tenantId: u.tenantId },
    },
    sql`FROM (
        SELECT dev, 'VIEW' AS permission FROM (${lists.deviceIdentifiers})
        UNION SELECT dev, 'CHARGE' FROM (${lists.chargingDeviceIdentifiers})) r, ${source(u)}
      WHERE ${fits} ${orRenew(now, sql`0`)}`,
  );
