/** Taking reset tokens away: a part of the sweep. */
import { getTableName, sql } from 'drizzle-orm';
import { named, pw, source } from '../../db/aliases.ts';
import { resetTokens } from '../../db/schema.ts';
import { removeOfSlice } from '../cursors.ts';
import { isBarren } from '../made/maker.ts';
import type { Call } from '../permit.ts';

/** Those that are looked at. */
const d = named(resetTokens, 'd');

/**
 * Takes away those that ended unused, and used ones of which nothing is left: their passwords are
 * others by now.
 */
export const sweepResets = (call: Call): Promise<void> =>
  removeOfSlice(
    call,
    'resets',
    getTableName(resetTokens),
    sql`iif(${d.usedAt} IS NULL, ${d.endsAt} <= ${call.now}, ${isBarren(sql`${d.id}`)}
      AND NOT EXISTS (SELECT 1 FROM ${source(pw)}
        WHERE ${pw.userId} = ${d.userId} AND ${pw.setBy} = ${d.id}))`,
  );
