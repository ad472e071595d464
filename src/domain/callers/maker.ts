/** The maker of a row. It is stored with the row, so that the row can end with its maker. */
import { type Column, type SQL, sql } from 'drizzle-orm';
import { aliased, source } from '../../db/aliases.ts';
import { apiKeys, resetTokens, sessions, users, webhooks } from '../../db/schema.ts';
import type { Permit } from '../permit.ts';

export interface Maker {
  /**
   * The credential of the call: the root id of a key, or the reset token whose password opened the
   * calling session. Null: the operator, or unknown.
   */
  madeBy: string | null;
  /** The calling member. */
  madeByUser: number | null;
}

/** The columns of a Maker, from the columns of a row. `madeBy` only if it is a key. */
export const makerColumns = ({ madeBy, madeByUser }: { madeBy: Column; madeByUser: Column }) => ({
  madeByKey: sql<string | null>`iif(${madeByUser} IS NULL, ${madeBy}, NULL)`,
  madeByUser: sql<number | null>`${madeByUser}`,
});

/** Who makes what a call makes. */
export function makerOf({ caller }: Pick<Permit<string>, 'caller'>): Maker {
  if (caller.kind === 'key') return { madeBy: caller.key.rootId, madeByUser: null };
  if (!('session' in caller)) return { madeBy: null, madeByUser: null };
  const { madeBy, userId } = caller.session;
  return { madeBy, madeByUser: caller.kind === 'member' ? userId : null };
}

/** Aliases of tables with made rows, which no surrounding statement uses. */
const madeSession = aliased(sessions, 'ms');
const madeMember = aliased(users, 'mu');
const madeToken = aliased(resetTokens, 'mt');
const madeKey = aliased(apiKeys, 'mk');
const madeWebhook = aliased(webhooks, 'mw');

/**
 * Whether nothing is left of what a key (by its root id) or a reset token made. Then its row is not
 * needed any more.
 */
export const hasMintedNothingLeft = (id: SQL): SQL => sql`(
  NOT EXISTS (SELECT 1 FROM ${source(madeSession)}
    WHERE ${madeSession.madeBy} = ${id} AND ${madeSession.revokedAt} IS NULL)
  AND NOT EXISTS (SELECT 1 FROM ${source(madeMember)}
    WHERE ${madeMember.madeBy} = ${id} AND ${madeMember.removedAt} IS NULL)
  AND NOT EXISTS (SELECT 1 FROM ${source(madeToken)} WHERE ${madeToken.madeBy} = ${id})
  AND NOT EXISTS (SELECT 1 FROM ${source(madeWebhook)} WHERE ${madeWebhook.madeBy} = ${id})
  AND NOT EXISTS (SELECT 1 FROM ${source(madeKey)}
    WHERE ${madeKey.madeBy} = ${id} AND coalesce(${madeKey.rootId}, ${madeKey.id}) <> ${id}))`;
