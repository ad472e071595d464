/** All devices of all tenants and in stock, for the operator. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse, text } from '../../base/text.ts';
import { d } from '../../db/aliases.ts';
import { statement } from '../../db/connect.ts';
import {
  type CursorPage,
  type CursorPageInput,
  openCursorPage,
  textPart,
} from '../../db/cursor-page.ts';
import { beginsWith, withoutCase } from '../../db/prefix.ts';
import { select } from '../../db/statements.ts';
import { assignedDevices, type Device, deviceColumns, devicesInStock } from '../entities/device.ts';
import type { Permit } from '../permit.ts';

export interface InventoryInput extends CursorPageInput {
  /** True: only assigned devices. False: only those in stock. Absent: all. */
  assigned?: boolean | null | undefined;
  search?: string | null | undefined;
}

const input = v.object({ search: v.nullish(text(64)) });

/**
 * Lists devices by deviceId, ignoring letter case. Assigned devices and those in stock are each a
 * range of their own index.
 */
export async function listInventory(
  permit: Permit<'device.listAll'>,
  page: InventoryInput,
): Promise<CursorPage<Device>> {
  const { assigned = null } = page;
  const search = withoutCase(parse(input, { search: page.search }).search ?? '');
  const list = ['inventory', assigned, search];
  const { limit, after, close } = openCursorPage(page, list, v.tuple([textPart]));
  const id = sql`${d.deviceId} COLLATE NOCASE`;
  const past = after ? sql`(${id}, ${d.deviceId}) > (${after[0]}, ${after[0]})` : sql`1`;
  // A subquery each: otherwise SQLite would read and sort the whole stock.
  const those = (devices: SQL) => {
    const found = select(
      deviceColumns,
      sql`FROM ${devices} AND ${beginsWith(id, search)} AND ${past}
        ORDER BY ${id}, ${d.deviceId} LIMIT ${limit}`,
    );
    return sql`SELECT * FROM (${found.sql})`;
  };
  const parts = [
    ...(assigned === false ? [] : [those(assignedDevices)]),
    ...(assigned === true ? [] : [those(devicesInStock)]),
  ];
  const rows = await permit.db.read(
    statement<Device>(sql`
      SELECT * FROM (${sql.join(parts, sql` UNION ALL `)})
      ORDER BY deviceId COLLATE NOCASE, deviceId LIMIT ${limit}`),
  );
  return close(rows, ({ deviceId }) => [deviceId]);
}
