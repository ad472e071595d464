/** Conditions on sessions `s`. */
import { type SQL, sql } from 'drizzle-orm';
import type { Credential } from '../../base/issuer.ts';
import { s } from '../../db/aliases.ts';
import { isMarkedToEnd } from '../entities/marked.ts';

/**
 * Live: not ended, not marked to end with its maker, and not expired at `now`, in epoch
 * milliseconds.
 */
export const isLive = (now: number): SQL =>
  sql`${s.revokedAt} IS NULL AND ${s.expiresAt} > ${now} AND NOT ${isMarkedToEnd}`;

/** The session of an access token. None without one: what the console has is none. */
export function hasToken(credential: Credential | null): SQL {
  const token = credential?.kind === 'ses' ? credential : null;
  return sql`${s.id} = ${token?.id ?? null}
    AND ${s.hash} IN (${token?.hash ?? null}, ${token?.formerHash ?? null})`;
}
