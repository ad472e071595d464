/** A caller's rights must hold at the moment of a change, not only when the call begins. */
import { type SQL, sql } from 'drizzle-orm';
import { k, s, source, u } from '../../db/aliases.ts';
import type { Caller } from '../credentials.ts';
import { works } from '../entities/key.ts';
import { isMarkedToEnd } from '../entities/marked.ts';
import { tenantExists } from '../entities/tenant.ts';

/** Whether the session is live and the member still has the level of the call: an expression. */
export const isStillValid = ({ session, level }: Extract<Caller, { kind: 'member' }>): SQL =>
  sql`EXISTS (
    SELECT 1 FROM ${source(s)} JOIN ${source(u)} ON ${u.id} = ${s.userId}
    WHERE ${s.id} = ${session.id} AND ${s.revokedAt} IS NULL AND NOT ${isMarkedToEnd}
      AND ${u.suspendedAt} IS NULL AND ${u.memberLevel} = ${level}
      AND ${tenantExists(s.tenantId)})`;

/** Whether the calling key is valid at the moment of a change. The cache may be 30 s old. */
export const isWorking = ({ key }: Extract<Caller, { kind: 'key' }>, now: number): SQL =>
  sql`EXISTS (SELECT 1 FROM ${source(k)} WHERE ${k.id} = ${key.id} AND ${works(now)})`;
