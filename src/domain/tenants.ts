/** Tenants, which the operator adds and removes. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { randomId } from '../base/ids.ts';
import { parse, text } from '../base/text.ts';
import { event } from '../db/commit.ts';
import { statement } from '../db/connect.ts';
import { closePage, openPage, type Page, type PageInput } from '../db/paging.ts';
import { unassign } from './devices/remove.ts';
import { type ApiKey, insertKey, selectKeys, toKey } from './keys/key.ts';
import { type Permit, SCOPES } from './permit.ts';
import { endSessions } from './sessions/end.ts';
import { publishEnds } from './sessions/publish.ts';
import { erasure } from './stations/erase.ts';
import type { Tenant } from './tenant.ts';
import { eraseUsers } from './users/user.ts';

const input = v.object({ name: text(100) });

/** The tenant with its first key, which has every scope. */
export async function addTenant(
  permit: Permit<'intermediary.add'>,
  raw: { name: string },
): Promise<{ intermediary: Tenant; apiKey: ApiKey; secret: string }> {
  const { name } = parse(input, raw);
  const origin = { ...permit, tenantId: randomId() };
  const credential = await permit.call.issuer.issue('key');
  const {
    key: [row],
  } = await permit.db.batch({
    insertion: statement(
      sql`INSERT INTO tenants (id, name, created_at) VALUES (${origin.tenantId}, ${name}, ${permit.now})`,
    ),
    ...insertKey(
      origin,
      permit.action,
      credential,
      { name: 'first key', scopes: JSON.stringify(SCOPES), expiresAt: null },
      sql``,
    ),
    key: selectKeys(sql`k.id = ${credential.id}`),
  });
  if (!row) throw new Error('a key vanished within a batch');
  return {
    intermediary: { id: origin.tenantId, name },
    apiKey: toKey(row),
    secret: credential.token,
  };
}

/**
 * Everything that the tenant's people and programs could use ends: keys, sessions, grants, assignments. What
 * identifies its users is erased; its orders and events stay.
 */
export async function removeTenant(
  permit: Permit<'intermediary.remove'>,
): Promise<{ intermediary: Tenant | null }> {
  const { tenantId, now, db, call } = permit;
  const present = sql`id = ${tenantId} AND removed_at IS NULL`;
  const {
    tenant: [tenant],
    keys,
    ended,
  } = await db.batch({
    tenant: statement<Tenant>(sql`SELECT id, name FROM tenants WHERE ${present}`),
    event: event(permit, { action: permit.action }, sql`FROM tenants WHERE ${present}`),
    keys: statement<{ id: string }>(sql`
      UPDATE api_keys SET removed_at = ${now} WHERE tenant_id = ${tenantId} AND removed_at IS NULL RETURNING id`),
    ended: endSessions(now, sql`s.user_id IN (SELECT id FROM users WHERE tenant_id = ${tenantId})`),
    ...unassign(permit, sql`(SELECT device_id FROM devices WHERE tenant_id = ${tenantId})`),
    orders: statement(
      sql`UPDATE orders SET user_id = NULL WHERE tenant_id = ${tenantId} AND user_id IS NOT NULL`,
    ),
    ...erasure(tenantId),
    users: eraseUsers(now, sql`u.tenant_id = ${tenantId} AND u.removed_at IS NULL`),
    removal: statement(sql`UPDATE tenants SET removed_at = ${now} WHERE ${present}`),
  });
  for (const { id } of keys) call.isolate.apiKeys.delete(id);
  publishEnds(call, ended);
  return { intermediary: tenant ?? null };
}

export async function listTenants(
  permit: Permit<'intermediary.list'>,
  page: PageInput,
): Promise<Page<Tenant>> {
  const { limit, after } = openPage(page, v.tuple([v.number()]));
  const rows = await permit.db.read(
    statement<Tenant>(sql`
      SELECT id, name FROM tenants WHERE removed_at IS NULL AND id > ${after?.[0] ?? 0} ORDER BY id LIMIT ${limit}`),
  );
  return closePage(rows, limit, ({ id }) => [id]);
}
