/** Looking a tenant's devices up. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import type { Complaint } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { statement } from '../../db/connect.ts';
import { openPage, type Page, type PageInput, textPart } from '../../db/paging.ts';
import type { Permit } from '../permit.ts';
import {
  type Device,
  type DeviceIdentifier,
  deviceColumns,
  deviceIdentifier,
  deviceItems,
  hintsAt,
  type Meant,
  meantInstead,
  resolveDevices,
} from './device.ts';

const input = v.object({ deviceIdentifier });

export interface FoundDevice {
  device: Device | null;
  /** What may have been meant by the name of none. */
  hints: Complaint[];
}

export async function findDevice(
  { tenantId, db }: Permit<'device.read'>,
  raw: { deviceIdentifier: DeviceIdentifier },
): Promise<FoundDevice> {
  const { deviceIdentifier: identifier } = parse(input, raw);
  const named = resolveDevices(tenantId, deviceItems([identifier]));
  const [row] = await db.read(
    statement<(Device | { deviceId: null }) & Meant>(sql`
      SELECT ${deviceColumns}, ${meantInstead(tenantId)}
      FROM (${named}) r LEFT JOIN devices d ON d.device_id = r.dev`),
  );
  const device = row?.deviceId == null ? null : row;
  return { device, hints: hintsAt(['deviceIdentifier'], identifier, row) };
}

export async function listDevices(
  permit: Permit<'device.list'>,
  page: PageInput,
): Promise<Page<Device>> {
  const { tenantId } = permit;
  const { limit, after, close } = openPage(page, ['devices', tenantId], v.tuple([textPart]));
  const rows = await permit.db.read(
    statement<Device>(sql`
      SELECT ${deviceColumns} FROM devices d
      WHERE tenant_id = ${tenantId} AND device_id > ${after?.[0] ?? ''}
      ORDER BY device_id LIMIT ${limit}`),
  );
  return close(rows, ({ deviceId }) => [deviceId]);
}
