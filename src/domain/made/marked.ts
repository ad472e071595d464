/** Sessions that are to end with what made them: D1 refuses them until their turn has come. */
import { sql } from 'drizzle-orm';

/** Whether the session `s` is one of them: an expression. */
export const isMarked = sql`EXISTS (
  SELECT 1 FROM ending_makers e WHERE e.id IN (s.made_by, CAST(s.user_id AS text))
    AND (e.until IS NULL OR s.created_at <= e.until))`;
