/** Devices whose ids differ in letter case alone: they are others, and easily taken for each other. */
import { type SQL, sql } from 'drizzle-orm';
import { type Statement, statement } from '../../db/connect.ts';
import { MAX_DEVICES } from './device.ts';

export interface Alike {
  deviceId: string;
  /** The other device that there is. */
  other: string;
  /** Whose that one is; null: in stock. */
  tenantId: number | null;
}

/** Of a list of devices, as JSON, in its order. For the operator: it tells of all tenants. */
export function selectAlike(items: SQL): Statement<Alike> {
  const those = (by: SQL, fits: SQL) => sql`
    SELECT j.key AS item, j.value->>'d' AS deviceId, d.device_id AS other, d.tenant_id AS tenantId
    FROM json_each(${items}) j CROSS JOIN devices d INDEXED BY ${by}
    WHERE d.device_id = j.value->>'d' COLLATE NOCASE AND d.device_id <> j.value->>'d' AND ${fits}`;
  return statement<Alike>(sql`
    ${those(sql`devices_assigned`, sql`d.tenant_id IS NOT NULL`)}
    UNION ALL ${those(sql`devices_in_stock`, sql`d.tenant_id IS NULL`)}
    ORDER BY item, other LIMIT ${MAX_DEVICES}`);
}

export const warningOf = ({ deviceId, other, tenantId }: Alike): string => {
  const where = tenantId === null ? 'is in stock' : `intermediary ${tenantId} has`;
  return `${deviceId} is another device than ${other}, which ${where}: case matters.`;
};
