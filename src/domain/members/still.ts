/** What a member is must hold at the very moment of a change, not only when it was asked who is calling. */
import { type SQL, sql } from 'drizzle-orm';
import { isMarked } from '../made/marked.ts';
import type { Caller } from '../permit.ts';
import { tenantExists } from '../tenant.ts';

/** Whether the session lives, and its member has the level that it came with: an expression. */
export const isStill = ({ session, level }: Extract<Caller, { kind: 'member' }>): SQL =>
  sql`EXISTS (SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ${session.id} AND s.revoked_at IS NULL AND NOT ${isMarked} AND u.suspended_at IS NULL AND u.member_level = ${level}
      AND ${tenantExists(sql`s.tenant_id`)})`;
