/** The permission of a user on a device. */
import { type SQL, sql } from 'drizzle-orm';
import { d, p } from '../../db/aliases.ts';
import type { RowOf } from '../../db/statements.ts';

/**
 * The columns of a Permission, from permissions `p` joined with devices `d`. `expiresAt`: epoch
 * milliseconds; null: no end.
 */
export const permissionColumns = {
  ...{ userId: p.userId, deviceId: p.deviceId, meterId: d.meterId },
  ...{ permission: p.permission, expiresAt: p.expiresAt },
};

export type Permission = RowOf<typeof permissionColumns>;
export type PermissionKind = Permission['permission'];

export const PERMISSION_KINDS = p.permission.enumValues;

/** Permissions `p` that end after `time`, in epoch milliseconds, or never. */
const endsAfter = (time: number): SQL => sql`(${p.expiresAt} IS NULL OR ${p.expiresAt} > ${time})`;

/** Permissions `p` that have not expired at `now`, in epoch milliseconds. */
export const running = (now: number): SQL => endsAfter(now);

/**
 * In milliseconds. Setting an end this close counts as ending a permission, which no limit refuses.
 * Moving an end further away could be repeated without end, so limits apply.
 */
const AT_HAND_MS = 60_000;

/** Whether `end`, in epoch milliseconds, is as good as now. Null and undefined mean no end. */
export const isAtHand = (end: number | null | undefined, now: number): 0 | 1 =>
  end != null && end <= now + AT_HAND_MS ? 1 : 0;

/** Permissions `p` whose end is further away than that from `now`, in epoch milliseconds. */
export const runsOn = (now: number): SQL => endsAfter(now + AT_HAND_MS);
