/** Sessions that are marked to end with their maker. D1 refuses them until they are ended. */
import { sql } from 'drizzle-orm';
import { em, s, source } from '../../db/aliases.ts';

/** Whether the session `s` is marked, by its maker, its user or who acts in it: an expression. */
export const isMarkedToEnd = sql`EXISTS (
  SELECT 1 FROM ${source(em)} WHERE ${em.id} IN (
      ${s.madeBy}, CAST(${s.userId} AS text), CAST(${s.actorUserId} AS text))
    AND (${em.until} IS NULL OR ${s.createdAt} <= ${em.until}))`;
