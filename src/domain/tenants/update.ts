/** Renames a tenant and sets its limits. For the operator. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal } from '../../base/faults.ts';
import { foldName } from '../../base/fold.ts';
import { nameText, parse, range } from '../../base/text.ts';
import { q, source, t } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { DAILY } from '../../db/quota.ts';
import { quotas } from '../../db/schema.ts';
import { assignments, excluded, insert, onConflict, select, update } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
import { type Tenant, tenantExists, unknownTenant } from '../entities/tenant.ts';
import type { Permit } from '../permit.ts';
import { LIMITS, type Limit } from '../usage/usage.ts';

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

/** Updates a tenant. A limit below the current usage refuses additions and removes nothing. */
export async function updateTenant(
  permit: Permit<'intermediary.update'>,
  raw: TenantUpdate,
): Promise<{ intermediary: Tenant }> {
  const { name = null, limits } = parse(input, raw);
  const { tenantId, db } = permit;
  const given = Object.entries(limits ?? {}).filter(([, most]) => most !== undefined);
  const present = tenantExists(tenantId);
  const picked = sql`${t.id} = ${tenantId} AND ${t.removedAt} IS NULL`;
  const renamed = sql`${picked} AND ${t.name} <> ${name}`;
  const changed = sql`json_each(${JSON.stringify(given)}) j
    LEFT JOIN ${source(q)} ON ${q.tenantId} = ${tenantId} AND ${q.name} = j.value ->> 0
    WHERE ${q.most} IS NOT (j.value ->> 1) AND ${present}`;
  const {
    tenant: [tenant],
  } = await db.batch({
    event: event(
      permit,
      {
        action: permit.action,
        subject: { fields: jsonList(sql<string>`r.field`) },
      },
      sql`FROM (
        SELECT 'name' AS field FROM ${source(t)} WHERE ${renamed}
        UNION ALL SELECT 'limits.' || (j.value ->> 0) FROM ${changed}) r HAVING count(*) > 0`,
    ),
    rename: update(
      t,
      { name: name ?? '', nameFolded: foldName(name ?? '') },
      sql`WHERE ${renamed}`,
    ),
    limits: insert(
      quotas,
      {
        ...{ tenantId, name: sql`j.value ->> 0`, most: sql`j.value ->> 1` },
        recountedAt: sql`iif(j.value ->> 0 = ${DAILY}, NULL, 0)`,
      },
      sql`FROM ${changed} ${onConflict(q.tenantId, q.name)}
        DO UPDATE SET ${assignments(q, { most: excluded(q.most) })}`,
    ),
    tenant: select({ id: t.id, name: t.name }, sql`FROM ${source(t)} WHERE ${picked}`),
  });
  if (!tenant) throw new Refusal({ ...unknownTenant, path: ['id'] });
  return { intermediary: tenant };
}
