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

/** The session of a token. None without a token. */
export const hasToken = (credential: Credential | null): SQL =>
  sql`${s.id} = ${credential?.id ?? null}
    AND ${s.hash} IN (${credential?.hash ?? null}, ${credential?.formerHash ?? null})`;
