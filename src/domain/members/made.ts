/** What a user made as a member, and what of it goes on when the user leaves. */
import { sql } from 'drizzle-orm';
import { aliased, k, source, u, wh } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { apiKeys } from '../../db/schema.ts';
import { type RowOf, select } from '../../db/statements.ts';
import { rootOf, works } from '../entities/key.ts';
import type { Permit } from '../permit.ts';

const keyColumns = { id: k.id, name: k.name };
const webhookColumns = { id: wh.id, url: wh.url };
const memberColumns = { id: u.id, name: u.name };

export interface Made {
  /** API keys that are valid. */
  madeKeys: RowOf<typeof keyColumns>[];
  /** Webhooks that are enabled. */
  madeWebhooks: RowOf<typeof webhookColumns>[];
  /** Members who are not disabled. */
  madeMembers: RowOf<typeof memberColumns>[];
}

/** The most members in the list. */
export const MAX_MADE_MEMBERS = 100;

const own = aliased(apiKeys, 'own');

/**
 * Selects what the user with this id made and what goes on. A key that the user rotated counts, as
 * `endMinted` has it.
 */
export const selectMade = (
  { tenantId, now }: Permit<string>,
  id: number,
): { [Name in keyof Made]: Statement<Made[Name][number]> } => ({
  madeKeys: select(
    keyColumns,
    sql`FROM ${source(k)} WHERE ${k.tenantId} = ${tenantId} AND ${works(now)}
      AND ${rootOf} IN (
        SELECT coalesce(${own.rootId}, ${own.id}) FROM ${source(own)}
        WHERE ${own.madeByUser} = ${id})
      ORDER BY ${k.createdAt}, ${k.id}`,
  ),
  madeWebhooks: select(
    webhookColumns,
    sql`FROM ${source(wh)} WHERE ${wh.madeByUser} = ${id} AND +${wh.tenantId} = ${tenantId}
      AND ${wh.dueAt} IS NOT NULL ORDER BY ${wh.id}`,
  ),
  madeMembers: select(
    memberColumns,
    sql`FROM ${source(u)} WHERE ${u.madeByUser} = ${id} AND +${u.tenantId} = ${tenantId}
      AND ${u.removedAt} IS NULL AND ${u.suspendedAt} IS NULL
      ORDER BY ${u.id} LIMIT ${MAX_MADE_MEMBERS}`,
  ),
});
