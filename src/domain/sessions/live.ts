/** The conditions that pick sessions `s`. */
import { type SQL, sql } from 'drizzle-orm';
import type { Credential } from '../../base/issuer.ts';
import { s } from '../../db/aliases.ts';
import { isMarkedToEnd } from '../entities/marked.ts';

/** Neither ended, be it with what made it, nor past its end. */
export const isLive = (now: number): SQL =>
  sql`${s.revokedAt} IS NULL AND ${s.expiresAt} > ${now} AND NOT ${isMarkedToEnd}`;

/** The one that a token is of; none where there is no token. */
export const hasToken = (credential: Credential | null): SQL =>
  sql`${s.id} = ${credential?.id ?? null}
    AND ${s.hash} IN (${credential?.hash ?? null}, ${credential?.formerHash ?? null})`;
