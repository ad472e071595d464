/** The permission of a user on a device, as a fact. */
import { type SQL, sql } from 'drizzle-orm';

export type PermissionKind = 'VIEW' | 'CHARGE';

export interface Permission {
  userId: number;
  deviceId: string;
  meterId: string | null;
  permission: PermissionKind;
  /** Epoch milliseconds; null: no end. */
  expiresAt: number | null;
}

/** The columns of a Permission, from `permissions p` joined with `devices d`. */
export const permissionColumns = sql.raw(
  'p.user_id AS userId, p.device_id AS deviceId, d.meter_id AS meterId, p.permission, p.expires_at AS expiresAt',
);

/** An ended grant is no grant. */
export const running = (now: number) => sql`(p.expires_at IS NULL OR p.expires_at > ${now})`;

/**
 * In milliseconds. To set an end that is no further away is to end a permission, which no limit
 * refuses. Moving an end about further away can be repeated, and so is a change like any other.
 */
const AT_HAND_MS = 60_000;

/** Whether `end`, in epoch milliseconds, is as good as now; null and undefined are no end. */
export const isAtHand = (end: number | null | undefined, now: number): 0 | 1 =>
  end != null && end <= now + AT_HAND_MS ? 1 : 0;

/** Permissions `p` whose end is not at hand. */
export const runsOn = (now: number): SQL =>
  sql`(p.expires_at IS NULL OR p.expires_at > ${now + AT_HAND_MS})`;
