/** The permission of a user on a device, as a fact. */
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

/** Permissions `p` that end later than at `time`, in epoch milliseconds, or never. */
const endsAfter = (time: number): SQL => sql`(${p.expiresAt} IS NULL OR ${p.expiresAt} > ${time})`;

/** An ended grant is no grant. */
export const running = (now: number): SQL => endsAfter(now);

/**
 * In milliseconds. To set an end that is no further away is to end a permission, which no limit
 * refuses. Moving an end about further away can be repeated, and so is a change like any other.
 */
const AT_HAND_MS = 60_000;

/** Whether `end`, in epoch milliseconds, is as good as now; null and undefined are no end. */
export const isAtHand = (end: number | null | undefined, now: number): 0 | 1 =>
  end != null && end <= now + AT_HAND_MS ? 1 : 0;

/** Permissions `p` whose end is not at hand. */
export const runsOn = (now: number): SQL => endsAfter(now + AT_HAND_MS);
