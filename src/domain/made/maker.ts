/** Who makes something: noted beside it, so that it can end with its maker. */
import { type SQL, sql } from 'drizzle-orm';
import type { Permit } from '../permit.ts';

export interface Maker {
  /**
   * The credential behind the call: a key, by the first id of its rotations, or the reset token
   * whose password the calling session was opened with. Null: the operator, or unknown.
   */
  madeBy: string | null;
  /** The member who is calling. */
  madeByUser: number | null;
}

export function makerOf({ caller }: Pick<Permit<string>, 'caller'>): Maker {
  if (caller.kind === 'key') return { madeBy: caller.key.rootId, madeByUser: null };
  if (!('session' in caller)) return { madeBy: null, madeByUser: null };
  const { madeBy, userId } = caller.session;
  return { madeBy, madeByUser: caller.kind === 'member' ? userId : null };
}

/**
 * Whether nothing is left of what a key, by its root, or a reset token made: nobody need know of it
 * any more.
 */
export const isBarren = (id: SQL): SQL => sql`(
  NOT EXISTS (SELECT 1 FROM sessions s WHERE s.made_by = ${id} AND s.revoked_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM users m WHERE m.made_by = ${id} AND m.removed_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM reset_tokens c WHERE c.made_by = ${id})
  AND NOT EXISTS (SELECT 1 FROM api_keys c WHERE c.made_by = ${id} AND coalesce(c.root_id, c.id) <> ${id}))`;
