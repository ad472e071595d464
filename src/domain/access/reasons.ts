/** Why a user may use a device, or may not. A permission is the only source of access. */
import { type SQL, sql } from 'drizzle-orm';
import { e, p, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import type { Subject } from '../../db/events.ts';
import { type RowOf, select, unqualified } from '../../db/statements.ts';
import type { PermissionKind } from '../entities/permission.ts';
import type { User } from '../entities/user.ts';
import type { Permit } from '../permit.ts';

export type Reason =
  | 'GRANTED'
  | 'UNKNOWN_USER'
  | 'SUSPENDED'
  | 'UNKNOWN_DEVICE'
  | 'ENDED'
  | 'WITHDRAWN'
  | 'OTHER_PERMISSION'
  | 'NOT_GRANTED';

export interface Explanation {
  reason: Reason;
  /** The end of the permission that the user has. Null: it has none, or there is no permission. */
  expiresAt: number | null;
  /** For ENDED and WITHDRAWN: when that was. */
  endedAt: number | null;
}

/** The permissions of a user on a device, with their ends, as JSON. Some have ended lately. */
export const heldOn = (userId: SQL, deviceId: SQL) => sql<string>`(
  SELECT json_group_object(${p.permission}, ${p.expiresAt}) FROM ${source(p)}
  WHERE ${p.userId} = ${userId} AND ${p.deviceId} = ${deviceId})`;
type Held = Partial<Record<PermissionKind, number | null>>;
export const readHeld = (json: string): Held => JSON.parse(json) as Held;

/**
 * The end of a permission of this kind that runs at `now`, in epoch milliseconds. Null: no end.
 * Undefined: none runs.
 */
export function runningEnd(held: Held, kind: PermissionKind, now: number) {
  const end = held[kind];
  return end === undefined || end === null || end > now ? end : undefined;
}

/** So many of the last events of a user are looked through. */
const LOOKED_AT = 200;

const endColumns = { at: sql<number>`${e.at}`, action: e.action, subject: e.subject };
export type Ending = RowOf<typeof endColumns>;

/** How the user's permissions came to an end, the last first. */
export function selectEndings({ tenantId }: Permit<string>, userId: SQL): Statement<Ending> {
  const last = sql`
    SELECT ${e.number} FROM ${source(e)} INDEXED BY audit_events_by_user
    WHERE ${e.tenantId} = ${tenantId} AND ${e.userId} = ${userId}
    ORDER BY ${e.number} DESC LIMIT ${LOOKED_AT}`;
  return select(
    endColumns,
    sql`FROM (${last}) r JOIN ${source(e)} ON ${e.number} = r.${unqualified(e.number)}
      WHERE ${e.action} IN ('permission.end', 'permission.remove', 'permission.removeAll')
      ORDER BY ${e.number} DESC`,
  );
}

interface Asked {
  user: User | undefined;
  kind: PermissionKind;
  now: number;
  endings: readonly Ending[];
}

const refusedFor = (reason: Reason, endedAt: number | null = null): Explanation => ({
  reason,
  expiresAt: null,
  endedAt,
});

/** How the last permission of this kind on the device ended, if it did. */
function endOf(deviceId: string, held: Held, { kind, endings }: Asked): Explanation | undefined {
  // It has run out, and no event tells it yet.
  if (held[kind]) return refusedFor('ENDED', held[kind]);
  const last = endings.find(({ subject }) => {
    const { deviceIds = [], permission } = JSON.parse(subject) as Subject;
    return permission === kind && deviceIds.includes(deviceId);
  });
  return last && refusedFor(last.action === 'permission.end' ? 'ENDED' : 'WITHDRAWN', last.at);
}

/** Why the user may use the device, or may not. `deviceId` is null if the tenant has none such. */
export function explain(deviceId: string | null, held: Held, asked: Asked): Explanation {
  const { user, kind, now } = asked;
  if (!user) return refusedFor('UNKNOWN_USER');
  if (user.suspendedAt !== null) return refusedFor('SUSPENDED');
  if (deviceId === null) return refusedFor('UNKNOWN_DEVICE');
  const expiresAt = runningEnd(held, kind, now);
  if (expiresAt !== undefined) return { reason: 'GRANTED', expiresAt, endedAt: null };
  const other = kind === 'VIEW' ? 'CHARGE' : 'VIEW';
  return (
    endOf(deviceId, held, asked) ??
    refusedFor(runningEnd(held, other, now) === undefined ? 'NOT_GRANTED' : 'OTHER_PERMISSION')
  );
}
