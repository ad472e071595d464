/** Deletes authenticator apps that nobody confirmed: a part of the sweep. */
import { sql } from 'drizzle-orm';
import { tp } from '../../db/aliases.ts';
import type { Call } from '../permit.ts';
import { removeFromNextSlice } from '../slices/sweep-cursors.ts';
import { UNCONFIRMED_MS } from './totp.ts';

export const sweepUnconfirmed = (call: Call): Promise<void> =>
  removeFromNextSlice(
    call,
    'factors',
    tp,
    sql`${tp.confirmedAt} IS NULL AND ${tp.createdAt} <= ${call.now - UNCONFIRMED_MS}`,
  );
