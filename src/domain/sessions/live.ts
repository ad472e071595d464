/** The conditions that pick sessions `s`. */
import { type SQL, sql } from 'drizzle-orm';
import type { Credential } from '../../base/issuer.ts';
import { isMarked } from '../made/marked.ts';

/** Neither ended, be it with what made it, nor past its end. */
export const isLive = (now: number): SQL =>
  sql`s.revoked_at IS NULL AND s.expires_at > ${now} AND NOT ${isMarked}`;

/** The one that a token is of; none where there is no token. */
export const hasToken = (credential: Credential | null): SQL =>
  sql`s.id = ${credential?.id ?? null} AND s.hash IN (${credential?.hash ?? null}, ${credential?.formerHash ?? null})`;
