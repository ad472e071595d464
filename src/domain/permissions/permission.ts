/** The permission of a user on a device, as a fact. */
import { sql } from 'drizzle-orm';

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
