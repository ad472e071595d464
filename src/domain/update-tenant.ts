/** The operator renames a tenant, and sets what it may hold. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal } from '../base/faults.ts';
import { foldName } from '../base/fold.ts';
import { nameText, parse, range } from '../base/text.ts';
import { event } from '../db/commit.ts';
import { statement } from '../db/connect.ts';
import { DAILY } from '../db/quota.ts';
import type { Permit } from './permit.ts';
import { type Tenant, tenantExists, unknownTenant } from './tenant.ts';
import { LIMITS, type Limit } from './usage/usage.ts';

/** GraphQL’s largest integer. */
const MOST = 2_147_483_647;

const limit = v.nullish(range(0, MOST));

const input = v.object({
  name: v.nullish(nameText(100)),
  limits: v.nullish(
    v.object(
      Object.fromEntries(LIMITS.map((name) => [name, limit])) as Record<Limit, typeof limit>,
    ),
    {},
  ),
});

export interface TenantUpdate {
  name?: string | null | undefined;
  /** Absent: unchanged. Null: the deployment’s default. */
  limits?: { [name in Limit]?: number | null | undefined } | null | undefined;
}

/** A limit below what there is refuses what comes, and takes nothing away. */
export async function updateTenant(
  permit: Permit<'intermediary.update'>,
  raw: TenantUpdate,
): Promise<{ intermediary: Tenant }> {
  const { name = null, limits } = parse(input, raw);
  const { tenantId, db } = permit;
  const given = sql`${JSON.stringify(Object.entries(limits ?? {}).filter(([, most]) => most !== undefined))}`;
  const present = tenantExists(tenantId);
  const renamed = sql`id = ${tenantId} AND removed_at IS NULL AND name <> ${name}`;
  const changed = sql`json_each(${given}) j LEFT JOIN quotas q ON q.tenant_id = ${tenantId} AND q.name = j.value ->> 0
    WHERE q.most IS NOT (j.value ->> 1) AND ${present}`;
  const {
    tenant: [tenant],
  } = await db.batch({
    event: event(
      permit,
      {
        action: permit.action,
        subject: sql`json_object('fields', json(json_group_array(r.field)))`,
      },
      sql`FROM (
        SELECT 'name' AS field FROM tenants WHERE ${renamed}
        UNION ALL SELECT 'limits.' || (j.value ->> 0) FROM ${changed}) r HAVING count(*) > 0`,
    ),
    rename: statement(
      sql`UPDATE tenants SET name = ${name}, name_folded = ${foldName(name ?? '')} WHERE ${renamed}`,
    ),
    limits: statement(sql`
      INSERT INTO quotas (tenant_id, name, most, recounted_at)
      SELECT ${tenantId}, j.value ->> 0, j.value ->> 1, iif(j.value ->> 0 = ${DAILY}, NULL, 0) FROM ${changed}
      ON CONFLICT (tenant_id, name) DO UPDATE SET most = excluded.most`),
    tenant: statement<Tenant>(
      sql`SELECT id, name FROM tenants WHERE id = ${tenantId} AND removed_at IS NULL`,
    ),
  });
  if (!tenant) throw new Refusal({ ...unknownTenant, path: ['id'] });
  return { intermediary: tenant };
}
