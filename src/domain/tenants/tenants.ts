/** Tenants: the operator adds and removes them. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { foldName } from '../../base/fold.ts';
import { randomId } from '../../base/ids.ts';
import { nameText, parse, text } from '../../base/text.ts';
import { k, source, t, wh } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';
import {
  type CursorPage,
  type CursorPageInput,
  numberPart,
  openCursorPage,
  textPart,
} from '../../db/cursor-page.ts';
import { beginsWith } from '../../db/prefix.ts';
import { tenants } from '../../db/schema.ts';
import { type RowOf, returning, select, unqualified, update } from '../../db/statements.ts';
import { SCOPES } from '../entities/key.ts';
import type { Tenant } from '../entities/tenant.ts';
import { type ApiKey, insertKey, selectKeys, toKey } from '../keys/key.ts';
import type { Permit } from '../permit.ts';
import { publishEnds } from '../sessions/publish.ts';
import { withdrawAtLarge } from '../sessions/withdrawals.ts';
import { removeWebhooks } from '../webhooks/remove.ts';
import { eraseSlice } from '../work/erase.ts';
import { processWithdrawal } from '../work/work.ts';

const input = v.object({ name: nameText(100) });

/** Adds a tenant with its first API key, which has every scope. */
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
    // VALUES: with a SELECT, SQLite would search whole tables for rows that refer to it.
    insertion: statement(sql`
      INSERT INTO ${tenants} (
        ${unqualified(t.id)}, ${unqualified(t.name)},
        ${unqualified(t.nameFolded)}, ${unqualified(t.createdAt)})
      VALUES (${origin.tenantId}, ${name}, ${foldName(name)}, ${permit.now})`),
    ...insertKey(
      origin,
      permit.action,
      credential,
      { name: 'first key', scopes: JSON.stringify(SCOPES), expiresAt: null },
      sql``,
    ),
    key: selectKeys(sql`${k.id} = ${credential.id}`),
  });
  if (!row) throw new Error('a key vanished within a batch');
  return {
    intermediary: { id: origin.tenantId, name },
    apiKey: toKey(row),
    secret: credential.token,
  };
}

const columns = {
  ...{ id: t.id, name: t.name, removedAt: t.removedAt },
  ...{ erasedUsers: t.erasedUsers, erasedAt: t.erasedAt },
};

type TenantRow = RowOf<typeof columns>;

const selectTenants = (fits: SQL): Statement<TenantRow> =>
  select(columns, sql`FROM ${source(t)} WHERE ${fits}`);

const toTenant = ({ id, name, removedAt, ...erased }: TenantRow): Tenant => ({
  id,
  name,
  removal: removedAt === null ? null : { removedAt, ...erased },
});

/** Finds a tenant, even a removed one. */
export async function findTenant(permit: Permit<'intermediary.read'>): Promise<Tenant | null> {
  const [row] = await permit.db.read(selectTenants(sql`${t.id} = ${permit.tenantId}`));
  return row ? toTenant(row) : null;
}

/**
 * Removes a tenant. Everything that its people and programs could use ends with this call: keys,
 * sessions, passwords. Its data is erased in slices. Copies of its sessions are updated at once.
 * Its orders and events stay.
 */
export async function removeTenant(
  permit: Permit<'intermediary.remove'>,
): Promise<{ intermediary: Tenant | null }> {
  const { tenantId, now, db, call } = permit;
  const present = sql`${t.id} = ${tenantId} AND ${t.removedAt} IS NULL`;
  const isRemoved = sql`${t.removedAt} = ${now}`;
  const {
    keys,
    tenant: [row],
    ended,
    withdrawn,
    others,
  } = await db.batch({
    event: event(permit, { action: permit.action }, sql`FROM ${source(t)} WHERE ${present}`),
    removal: update(t, { removedAt: now }, sql`WHERE ${present}`),
    keys: returning(
      update(
        k,
        { removedAt: now },
        sql`WHERE ${k.tenantId} = ${tenantId} AND ${k.removedAt} IS NULL`,
      ),
      { id: k.id },
    ),
    ...removeWebhooks(sql`${wh.tenantId} = ${tenantId}`),
    ...eraseSlice(permit),
    others: withdrawAtLarge(permit, 'company', null, isRemoved),
    tenant: selectTenants(sql`${t.id} = ${tenantId} AND ${isRemoved}`),
  });
  for (const { id } of keys) call.isolate.apiKeys.delete(id);
  publishEnds(call, ended, withdrawn);
  for (const row of others) call.defer(() => processWithdrawal(call, row));
  return { intermediary: row ? toTenant(row) : null };
}

const byId = (ids: string): Statement<TenantRow> =>
  selectTenants(sql`${t.id} IN (SELECT value FROM json_each(${ids}))`);

/**
 * For a nested field: the tenant of something, even a removed one. Callers other than the operator
 * only learn about themselves.
 */
export async function tenantById(
  permit: Permit<'intermediary.tell' | 'intermediary.tellOwn'>,
  id: number,
): Promise<Tenant | null> {
  const asked = permit.caller.kind === 'operator' ? id : permit.tenantId;
  const row = await permit.db.lookup(byId, asked);
  return row ? toTenant(row) : null;
}

const listInput = v.object({ search: v.nullish(text(100)) });

/**
 * Lists tenants by name, ignoring case and accents. With `search`: those whose name begins with it.
 */
export async function listTenants(
  permit: Permit<'intermediary.list'>,
  page: CursorPageInput & { search?: string | null | undefined },
): Promise<CursorPage<Tenant>> {
  const search = foldName(parse(listInput, { search: page.search }).search ?? '');
  const list = ['intermediaries', search];
  const { limit, after, close } = openCursorPage(page, list, v.tuple([textPart, numberPart]));
  const past = after ? sql`(${t.nameFolded}, ${t.id}) > (${after[0]}, ${after[1]})` : sql`1`;
  const rows = await permit.db.read(
    select(
      { id: t.id, name: t.name, nameFolded: t.nameFolded },
      sql`FROM ${source(t)}
        WHERE ${t.removedAt} IS NULL AND ${beginsWith(t.nameFolded, search)} AND ${past}
        ORDER BY ${t.nameFolded}, ${t.id} LIMIT ${limit}`,
    ),
  );
  return close(rows, ({ nameFolded, id }) => [nameFolded, id]);
}
