/** Taking reset tokens away: a part of the sweep. */
import { sql } from 'drizzle-orm';
import { removeOfSlice } from '../cursors.ts';
import { isBarren } from '../made/maker.ts';
import type { Call } from '../permit.ts';

/** Takes away those that ended unused, and used ones of which nothing is left: their passwords are others by now. */
export const sweepResets = (call: Call): Promise<void> =>
  removeOfSlice(
    call,
    'resets',
    'reset_tokens',
    sql`iif(d.used_at IS NULL, d.ends_at <= ${call.now},
      NOT EXISTS (SELECT 1 FROM passwords p WHERE p.user_id = d.user_id AND p.set_by = d.id) AND ${isBarren(sql`d.id`)})`,
  );
