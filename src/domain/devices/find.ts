/** Looking a tenant's devices up. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
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
  resolveDevices,
} from './device.ts';

const input = v.object({ deviceIdentifier });

export async function findDevice(
  permit: Permit<'device.read'>,
  raw: { deviceIdentifier: DeviceIdentifier },
): Promise<Device | null> {
  const items = deviceItems([parse(input, raw).deviceIdentifier]);
  const [device] = await permit.db.read(
    statement<Device>(sql`
      SELECT ${deviceColumns}
      FROM (${resolveDevices(permit.tenantId, items)}) r JOIN devices d ON d.device_id = r.dev`),
  );
  return device ?? null;
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
