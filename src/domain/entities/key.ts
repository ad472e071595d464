/** What an API key may do, and whether it is valid. */
import { type SQL, sql } from 'drizzle-orm';
import { k } from '../../db/aliases.ts';

/** Each key stores its scopes: a scope that is added here is in no key made before. */
export const SCOPES = [
  'users:read',
  'users:write',
  'permissions:write',
  'sessions:write',
  'orders:read',
  'orders:write',
  'stations:read',
  'stations:write',
  'audit:read',
  'keys:write',
  'webhooks:write',
  'introspect',
] as const;
export type Scope = (typeof SCOPES)[number];

/** What every member does by its level alone. A key that lets a member in needs all of it. */
export const MEMBER_SCOPES = [
  'users:read',
  'users:write',
  'stations:read',
  'stations:write',
] as const satisfies Scope[];

/** The scopes in a column: a JSON list. */
export const readScopes = (column: string): Scope[] => JSON.parse(column) as Scope[];

/**
 * When key `k` ends, in epoch milliseconds: by its expiry or its grace period, whichever comes
 * first.
 */
export const endsAt = sql<number | null>`min(coalesce(${k.expiresAt}, ${k.graceEndsAt}),
  coalesce(${k.graceEndsAt}, ${k.expiresAt}))`;

/** The root id of key `k`: the first key of its rotations. */
export const rootOf = sql<string>`coalesce(${k.rootId}, ${k.id})`;

/** Whether key `k` was rotated and works only for its grace period. */
export const isInGrace = sql<0 | 1>`${k.graceEndsAt} IS NOT NULL`;

/** Keys `k` that are valid at `now`, including those in their grace period. */
export const works = (now: number): SQL =>
  sql`${k.removedAt} IS NULL AND (${k.expiresAt} IS NULL OR ${k.expiresAt} > ${now})
    AND (${k.graceEndsAt} IS NULL OR ${k.graceEndsAt} > ${now})`;
