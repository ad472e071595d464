/**
 * The operator takes devices back into stock: their grants end with the assignment that they were
 * made in.
 */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse } from '../../base/text.ts';
import { d, p, source } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { remove, select, update } from '../../db/statements.ts';
import { running } from '../permissions/permission.ts';
import type { Permit } from '../permit.ts';
import { publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import {
  type Device,
  type DeviceIdentifier,
  deviceColumns,
  deviceItems,
  resolveDevices,
  someDeviceIdentifiers,
} from './device.ts';

const input = v.object({ deviceIdentifiers: someDeviceIdentifiers });

/**
 * Takes the devices whose ids `named`, a query in brackets, gives into stock: a grant counts only
 * under the assignment that it was made in.
 */
export const unassign = (change: string, named: SQL) => ({
  permissions: remove(p, sql`WHERE ${p.deviceId} IN ${named}`),
  unassignment: update(
    d,
    { tenantId: null, meterId: null, changeId: change },
    sql`WHERE ${d.deviceId} IN ${named}`,
  ),
});

/** `devices`: what this very call unassigned; a device that is not the tenant's is left alone. */
export async function removeDevices(
  permit: Permit<'device.remove'>,
  raw: { deviceIdentifiers: DeviceIdentifier[] },
): Promise<{ devices: Device[] }> {
  const items = deviceItems(parse(input, raw).deviceIdentifiers);
  const named = sql`(SELECT r.dev FROM (${resolveDevices(permit.tenantId, items)}) r)`;
  const found = sql`FROM ${source(d)} WHERE ${d.deviceId} IN ${named}`;
  const { devices, withdrawn } = await permit.db.batch({
    devices: select(deviceColumns, found),
    withdrawn: withdrawLive(
      permit,
      'device',
      sql`SELECT ${p.userId} FROM ${source(p)}
        WHERE ${p.deviceId} IN ${named} AND ${running(permit.now)}`,
    ),
    event: event(
      permit,
      {
        action: 'device.remove',
        subject: sql`json_object('deviceIds', json(json_group_array(${d.deviceId})))`,
      },
      sql`${found} HAVING count(*) > 0`,
    ),
    ...unassign(permit.change, named),
  });
  publishWithdrawn(permit.call, withdrawn);
  return { devices };
}
