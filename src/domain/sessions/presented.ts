/** Who presents an access token: always as D1 has it. */
import { sql } from 'drizzle-orm';
import { type Statement, statement } from '../../db/connect.ts';
import type { Level } from '../permit.ts';
import { tenantExists } from '../tenant.ts';
import { isLive } from './live.ts';

export interface Presented {
  id: string;
  hash: string;
  tenantId: number;
  userId: number;
  renewAfter: number;
  /** The credential behind it: see `Maker`. */
  madeBy: string | null;
  /** Null for an end user. */
  level: Level | null;
}

/** The live session with this id, of a user who is there and not suspended. */
export const selectPresented = (id: string, now: number): Statement<Presented> =>
  statement<Presented>(sql`
    SELECT s.id, s.hash, s.tenant_id AS tenantId, s.user_id AS userId, s.renew_after AS renewAfter,
      s.made_by AS madeBy, u.member_level AS level
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ${id} AND ${isLive(now)} AND u.suspended_at IS NULL AND u.removed_at IS NULL
      AND ${tenantExists(sql`s.tenant_id`)}`);
