/** Who acted in a support session, and why: also after its end, as long as its row is kept. */
import { sql } from 'drizzle-orm';
import { s, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { type RowOf, select } from '../../db/statements.ts';
import type { PermissionKind } from '../entities/permission.ts';
import { actorOfSession, isSupport, readPermissions } from '../entities/support.ts';
import type { Permit } from '../permit.ts';

export const supportColumns = {
  ...{ actor: actorOfSession, reason: s.reason, actorUserId: s.actorUserId },
  /** A JSON list. */
  permissions: s.permissions,
};

export interface SupportAccess {
  /** The company's own name for who acts. For a member: their user id. */
  actor: string;
  reason: string | null;
  actorUserId: number | null;
  permissions: PermissionKind[];
}

/** Null for a session that is no support session, or whose user was removed since. */
export function supportIn(row: RowOf<typeof supportColumns>): SupportAccess | null {
  const { actor, reason, actorUserId, permissions } = row;
  if (actor === null || permissions === null) return null;
  return { actor, reason, actorUserId, permissions: readPermissions(permissions) };
}

const kept = { id: s.id, tenantId: s.tenantId, ...supportColumns };

const byId = (ids: string): Statement<RowOf<typeof kept>> =>
  select(
    kept,
    sql`FROM ${source(s)}
      WHERE ${s.id} IN (SELECT j.value FROM json_each(${ids}) j) AND ${isSupport}`,
  );

/** For a nested field: of the one session of an event. */
export async function supportOf(
  permit: Permit<'session.list'>,
  sessionIds: string[] | undefined,
): Promise<SupportAccess | null> {
  const [id, another] = sessionIds ?? [];
  if (id === undefined || another !== undefined) return null;
  const session = await permit.db.lookup(byId, id);
  return session?.tenantId === permit.tenantId ? supportIn(session) : null;
}
