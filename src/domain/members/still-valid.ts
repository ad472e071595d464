/** A member's rights must hold at the moment of a change, not only when the call begins. */
import { type SQL, sql } from 'drizzle-orm';
import { s, source, u } from '../../db/aliases.ts';
import { isMarkedToEnd } from '../minted/marked.ts';
import type { Caller } from '../permit.ts';
import { tenantExists } from '../tenant.ts';

/** Whether the session is live and the member still has the level of the call: an expression. */
export const isStillValid = ({ session, level }: Extract<Caller, { kind: 'member' }>): SQL =>
  sql`EXISTS (
    SELECT 1 FROM ${source(s)} JOIN ${source(u)} ON ${u.id} = ${s.userId}
    WHERE ${s.id} = ${session.id} AND ${s.revokedAt} IS NULL AND NOT ${isMarkedToEnd}
      AND ${u.suspendedAt} IS NULL AND ${u.memberLevel} = ${level}
      AND ${tenantExists(s.tenantId)})`;
