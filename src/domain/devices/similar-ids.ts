/**
 * Devices whose ids differ only in letter case. They are different devices, and easily confused.
 */
import { type SQL, sql } from 'drizzle-orm';
import { d } from '../../db/aliases.ts';
import { type Statement, statement } from '../../db/connect.ts';
import { type RowOf, select } from '../../db/statements.ts';
import { assignedDevices, devicesInStock, MAX_DEVICES } from '../entities/device.ts';

/** `other`: the similar device. `tenantId`: its tenant; null: in stock. */
const columns = {
  ...{ item: sql<number>`j.key`, deviceId: sql<string>`j.value->>'d'` },
  ...{ other: d.deviceId, tenantId: d.tenantId },
};

export type SimilarDevice = RowOf<typeof columns>;

/**
 * The similar devices for a JSON list of devices, in its order. For the operator only: it covers
 * all tenants.
 */
export function selectSimilarIds(items: SQL): Statement<SimilarDevice> {
  const among = (devices: SQL) =>
    select(
      columns,
      sql`FROM json_each(${items}) j CROSS JOIN ${devices}
        AND ${d.deviceId} = j.value->>'d' COLLATE NOCASE AND ${d.deviceId} <> j.value->>'d'`,
    ).sql;
  return statement(sql`
    ${among(assignedDevices)} UNION ALL ${among(devicesInStock)}
    ORDER BY item, other LIMIT ${MAX_DEVICES}`);
}

/** The hint to the operator about a device whose id differs from another only in letter case. */
export const warningOf = ({ deviceId, other, tenantId }: SimilarDevice): string => {
  const where = tenantId === null ? 'is in stock' : `intermediary ${tenantId} has`;
  return `${deviceId} is not the same device as ${other}, which ${where}: case matters.`;
};
