/** Finds devices of a tenant. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import type { Complaint } from '../../base/faults.ts';
import { parse, text } from '../../base/text.ts';
import { d, source } from '../../db/aliases.ts';
import {
  type CursorPage,
  type CursorPageInput,
  openCursorPage,
  textPart,
} from '../../db/cursor-page.ts';
import { beginsWith } from '../../db/prefix.ts';
import { select } from '../../db/statements.ts';
import {
  type Device,
  type DeviceIdentifier,
  deviceColumns,
  deviceIdentifier,
  deviceItems,
  hintsAt,
  meantInstead,
  resolveDevices,
} from '../entities/device.ts';
import type { Permit } from '../permit.ts';

const input = v.object({ deviceIdentifier });

export interface FoundDevice {
  device: Device | null;
  /** A suggestion if the device was not found. */
  hints: Complaint[];
}

/** The tenant's device with this name. Null if there is none. */
export async function findDevice(
  { tenantId, db }: Permit<'device.read'>,
  raw: { deviceIdentifier: DeviceIdentifier },
): Promise<FoundDevice> {
  const { deviceIdentifier: identifier } = parse(input, raw);
  const named = resolveDevices(tenantId, deviceItems([identifier]));
  const [row] = await db.read(
    select(
      {
        ...deviceColumns,
        deviceId: sql<string | null>`${d.deviceId}`,
        meant: meantInstead(tenantId),
      },
      sql`FROM (${named}) r LEFT JOIN ${source(d)} ON ${d.deviceId} = r.dev`,
    ),
  );
  const device = row?.deviceId == null ? null : { ...row, deviceId: row.deviceId };
  return { device, hints: hintsAt(['deviceIdentifier'], identifier, row) };
}

const listInput = v.object({ search: v.nullish(text(64)) });

/**
 * A page of the tenant's devices, by id. With `search`: those whose deviceId begins with it. Letter
 * case matters.
 */
export async function listDevices(
  permit: Permit<'device.list'>,
  page: CursorPageInput & { search?: string | null | undefined },
): Promise<CursorPage<Device>> {
  const { tenantId } = permit;
  const search = parse(listInput, { search: page.search }).search ?? '';
  const list = ['devices', tenantId, search];
  const { limit, after, close } = openCursorPage(page, list, v.tuple([textPart]));
  const rows = await permit.db.read(
    select(
      deviceColumns,
      sql`FROM ${source(d)}
        WHERE ${d.tenantId} = ${tenantId} AND ${beginsWith(sql`${d.deviceId}`, search)}
          AND ${d.deviceId} > ${after?.[0] ?? ''}
        ORDER BY ${d.deviceId} LIMIT ${limit}`,
    ),
  );
  return close(rows, ({ deviceId }) => [deviceId]);
}
