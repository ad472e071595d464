/** The operator takes devices back into stock: their grants end with the assignment that they were made in. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import type { Complaint } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { running } from '../permissions/permission.ts';
import type { Permit } from '../permit.ts';
import { publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import {
  type Device,
  type DeviceIdentifier,
  deviceColumns,
  deviceItems,
  hintsOn,
  resolveDevices,
  selectMisnamed,
  someDeviceIdentifiers,
} from './device.ts';

const input = v.object({ deviceIdentifiers: someDeviceIdentifiers });

/** Takes the devices whose ids `named` gives into stock: a grant counts only under the assignment that it was made in. */
export const unassign = (change: string, named: SQL) => ({
  permissions: statement(sql`DELETE FROM permissions WHERE device_id IN ${named}`),
  unassignment: statement(sql`
    UPDATE devices SET tenant_id = NULL, meter_id = NULL, change_id = ${change} WHERE device_id IN ${named}`),
});

/**
 * `devices` are those that this very call unassigned; one that is not the tenant's is left alone, and
 * `hints` tell where another one was meant.
 */
export async function removeDevices(
  permit: Permit<'device.remove'>,
  raw: { deviceIdentifiers: DeviceIdentifier[] },
): Promise<{ devices: Device[]; hints: Complaint[] }> {
  const { deviceIdentifiers } = parse(input, raw);
  const resolved = resolveDevices(permit.tenantId, deviceItems(deviceIdentifiers));
  const named = sql`(SELECT dev FROM (${resolved}))`;
  const { devices, misnamed, withdrawn } = await permit.db.batch({
    devices: statement<Device>(
      sql`SELECT ${deviceColumns} FROM devices d WHERE device_id IN ${named}`,
    ),
    misnamed: selectMisnamed(permit.tenantId, resolved),
    withdrawn: withdrawLive(
      permit,
      'device',
      sql`SELECT p.user_id FROM permissions p WHERE p.device_id IN ${named} AND ${running(permit.now)}`,
    ),
    event: event(
      permit,
      {
        action: 'device.remove',
        subject: sql`json_object('deviceIds', json(json_group_array(device_id)))`,
      },
      sql`FROM devices WHERE device_id IN ${named} HAVING count(*) > 0`,
    ),
    ...unassign(permit.change, named),
  });
  publishWithdrawn(permit.call, withdrawn);
  return { devices, hints: hintsOn(misnamed, deviceIdentifiers, 'named') };
}
