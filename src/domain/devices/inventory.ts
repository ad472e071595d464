/** All devices that there are, for the operator: who has which, and what is in stock. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse, text } from '../../base/text.ts';
import { statement } from '../../db/connect.ts';
import { openPage, type Page, type PageInput, textPart } from '../../db/paging.ts';
import { beginsWith, withoutCase } from '../../db/prefix.ts';
import type { Permit } from '../permit.ts';
import { type Device, deviceColumns } from './device.ts';

export interface InventoryInput extends PageInput {
  /** True: those of tenants. False: those in stock. Absent: all. */
  assigned?: boolean | null | undefined;
  search?: string | null | undefined;
}

const input = v.object({ search: v.nullish(text(64)) });

/** By deviceId, letter case aside. Assigned and in stock are each a range of an index of their own. */
export async function listInventory(
  permit: Permit<'device.listAll'>,
  page: InventoryInput,
): Promise<Page<Device>> {
  const { assigned = null } = page;
  const search = withoutCase(parse(input, { search: page.search }).search ?? '');
  const list = ['inventory', assigned, search];
  const { limit, after, close } = openPage(page, list, v.tuple([textPart]));
  const id = sql`d.device_id COLLATE NOCASE`;
  const past = after ? sql`(${id}, d.device_id) > (${after[0]}, ${after[0]})` : sql`1`;
  // SQLite would take all in stock, and sort them.
  const those = (by: SQL, fits: SQL) => sql`SELECT * FROM (
    SELECT ${deviceColumns} FROM devices d INDEXED BY ${by} WHERE ${fits} AND ${beginsWith(id, search)} AND ${past}
    ORDER BY ${id}, d.device_id LIMIT ${limit})`;
  const parts = [
    ...(assigned === false ? [] : [those(sql`devices_assigned`, sql`d.tenant_id IS NOT NULL`)]),
    ...(assigned === true ? [] : [those(sql`devices_in_stock`, sql`d.tenant_id IS NULL`)]),
  ];
  const rows = await permit.db.read(
    statement<Device>(sql`
      SELECT * FROM (${sql.join(parts, sql` UNION ALL `)})
      ORDER BY deviceId COLLATE NOCASE, deviceId LIMIT ${limit}`),
  );
  return close(rows, ({ deviceId }) => [deviceId]);
}
