/** The session of an access token, always as D1 has it. */
import { sql } from 'drizzle-orm';
import { s, source, u } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { select } from '../../db/statements.ts';
import { tenantExists } from '../entities/tenant.ts';
import type { Level } from '../entities/user.ts';
import type { TokenSession } from '../isolate.ts';
import { isLive } from './live.ts';

const columns = {
  ...{ id: s.id, hash: s.hash, tenantId: s.tenantId, userId: s.userId, renewAfter: s.renewAfter },
  /** The credential that made it: see `Maker`. */
  madeBy: s.madeBy,
  provedAt: sql<number>`coalesce(${s.provedAt}, ${s.createdAt})`,
  /** Null for an end user. */
  level: sql<Level | null>`${u.memberLevel}`,
};

/** The live session with this id, of an existing user who is not suspended. */
export const selectTokenSession = (id: string, now: number): Statement<TokenSession> =>
  select(
    columns,
    sql`FROM ${source(s)} JOIN ${source(u)} ON ${u.id} = ${s.userId}
      WHERE ${s.id} = ${id} AND ${isLive(now)} AND ${u.suspendedAt} IS NULL
        AND ${u.removedAt} IS NULL AND ${tenantExists(sql`${s.tenantId}`)}`,
  );
