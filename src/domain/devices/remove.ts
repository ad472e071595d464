/** Takes devices back into stock, for the operator. Their grants end with the assignment. */

import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import type { Complaint } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { d, p, source } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { remove, select, update } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
import {
  type Device,
  type DeviceIdentifier,
  deviceColumns,
  deviceItems,
  hintsOn,
  resolveDevices,
  selectMisnamed,
  someDeviceIdentifiers,
} from '../entities/device.ts';
import { running } from '../entities/permission.ts';
import type { Permit } from '../permit.ts';
import { publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';

const input = v.object({ deviceIdentifiers: someDeviceIdentifiers });

/**
 * Takes the devices in `named`, a query in brackets, into stock. Grants are valid only within one
 * assignment, so they go too.
 */
export const unassign = (change: string, named: SQL) => ({
  permissions: remove(p, sql`WHERE ${p.deviceId} IN ${named}`),
  unassignment: update(
    d,
    { tenantId: null, meterId: null, changeId: change },
    sql`WHERE ${d.deviceId} IN ${named}`,
  ),
});

/**
 * `devices`: what this call unassigned. A device that the tenant does not have is ignored, and
 * `hints` suggest what was meant.
 */
export async function removeDevices(
  permit: Permit<'device.remove'>,
  raw: { deviceIdentifiers: DeviceIdentifier[] },
): Promise<{ devices: Device[]; hints: Complaint[] }> {
  const { deviceIdentifiers } = parse(input, raw);
  const resolved = resolveDevices(permit.tenantId, deviceItems(deviceIdentifiers));
  const named = sql`(SELECT r.dev FROM (${resolved}) r)`;
  const found = sql`FROM ${source(d)} WHERE ${d.deviceId} IN ${named}`;
  const { devices, misnamed, withdrawn } = await permit.db.batch({
    devices: select(deviceColumns, found),
    misnamed: selectMisnamed(permit.tenantId, resolved),
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
        subject: { deviceIds: jsonList(d.deviceId) },
      },
      sql`${found} HAVING count(*) > 0`,
    ),
    ...unassign(permit.change, named),
  });
  publishWithdrawn(permit.call, withdrawn);
  return { devices, hints: hintsOn(misnamed, deviceIdentifiers, 'named') };
}
