/**
 * Support sessions: somebody acts for a user, with the user's sessions `s` otherwise alike. Each
 * says who acts and why, and may do no more than its `permissions`.
 */
import { type SQL, sql } from 'drizzle-orm';
import { HOUR } from '../../base/time.ts';
import { s, t } from '../../db/aliases.ts';
import type { PermissionKind } from './permission.ts';

/** How long a support session lasts at most, in milliseconds. */
export const MAX_SUPPORT_MS = HOUR;

/** What one may do where the company has not said. */
export const USUAL_PERMISSIONS: readonly PermissionKind[] = ['VIEW'];
/** The same as a JSON list. */
export const USUAL = JSON.stringify(USUAL_PERMISSIONS);
/** What the company `t` allows, as a JSON list. */
export const allowedSupport = sql<string>`coalesce(${t.supportPermissions}, ${USUAL})`;

/** Members up to this level may open support sessions. */
export const SUPPORT_LEVEL = 2;

/** What a calling support session may do, and the member who acts, if it is one. */
export interface Support {
  actorUserId: number | null;
  permissions: PermissionKind[];
}

/** Whether the session `s` is a support session. A literal, for the index of live ones. */
export const isSupport = sql`${s.openedBy} = 'SUPPORT'`;

/** Who acts in the support session `s`: the company's own name for them, or a member's user id. */
export const actorOfSession = sql<string | null>`
  iif(${isSupport}, coalesce(${s.actor}, CAST(${s.actorUserId} AS text)), NULL)`;

/** Whether the session `s` may do what the user may do by a permission of this kind. */
export const mayUse = (kind: SQL): SQL => sql`(${s.permissions} IS NULL
  OR ${kind} IN (SELECT w.value FROM json_each(${s.permissions}) w))`;

/** The same for reading, as the stations of a user need it. */
export const mayView = mayUse(sql`'VIEW'`);

/** The permissions of a support session, from its column. */
export const readPermissions = (json: string): PermissionKind[] => JSON.parse(json);
