/** Which members call what over GraphQL: the least level of each operation. */
import type { Scope } from '../../src/domain/entities/key.ts';
import type { GraphqlCase } from './cases.ts';

export type Level = 1 | 2 | 3 | 4;
export const LEVELS: readonly Level[] = [1, 2, 3, 4];

/** Members open no sessions, but for support: `test/domain/sessions/support.test.ts`. */
const OPENS_SESSIONS = ['addUserSession', 'ensureUserAccess'];

/** What level 1 alone does. */
const FOR_LEVEL_1: readonly Scope[] = ['keys:write', 'webhooks:write', 'audit:read'];

/** The least level that calls an operation. Null: no member does. */
export function leastLevel({ operation, by, entry }: GraphqlCase): Level | null {
  if (by.includes('session')) return 4;
  // What a company decides for itself.
  if (by.includes('member')) return 1;
  if (!by.includes('key') || OPENS_SESSIONS.includes(operation)) return null;
  return entry.scopes?.some((scope) => FOR_LEVEL_1.includes(scope)) ? 1 : 2;
}

export const mayCall = (level: Level, one: GraphqlCase): boolean => level <= (leastLevel(one) ?? 0);
