/** Deletes reset tokens: a part of the sweep. */
import { sql } from 'drizzle-orm';
import { pw, rt, source } from '../../db/aliases.ts';
import { hasMintedNothingLeft } from '../callers/maker.ts';
import type { Call } from '../permit.ts';
import { removeFromNextSlice } from '../slices/sweep-cursors.ts';

/**
 * Deletes tokens that expired unused, and used ones of which nothing is left and whose password has
 * been replaced.
 */
export const sweepResets = (call: Call): Promise<void> =>
  removeFromNextSlice(
    call,
    'resets',
    rt,
    sql`iif(${rt.usedAt} IS NULL, ${rt.endsAt} <= ${call.now},
      ${hasMintedNothingLeft(sql`${rt.id}`)}
      AND NOT EXISTS (SELECT 1 FROM ${source(pw)}
        WHERE ${pw.userId} = ${rt.userId} AND ${pw.setBy} = ${rt.id}))`,
  );
