/**
 * Caps. Whoever was made, raised, let in or taken over by an API key may do no more than that key
 * could. So the scopes of the key go along: with users, reset tokens, passwords and sessions.
 */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { pw, source, u } from '../../db/aliases.ts';
import { MEMBER_SCOPES, SCOPES, type Scope } from '../entities/key.ts';
import type { Permit } from '../permit.ts';

type Called = Pick<Permit<string>, 'caller'>;

/** The scopes beyond which a caller gives nothing. Undefined: its level or kind alone decides. */
export function boundsOf({ caller }: Called): readonly Scope[] | undefined {
  if (caller.kind === 'key') return caller.key.scopes;
  return caller.kind === 'member' ? caller.cap : undefined;
}

/**
 * The cap of what a caller makes: a JSON list. Null: no bounds, as for a key with every scope. A
 * member keeps what all members have, also one whose address was changed by a key without that.
 */
export function capOf(permit: Called): string | null {
  const bounds = boundsOf(permit);
  if (!bounds || SCOPES.every((scope) => bounds.includes(scope))) return null;
  const members: readonly Scope[] = MEMBER_SCOPES;
  const scopes = SCOPES.filter((scope) => bounds.includes(scope) || members.includes(scope));
  return JSON.stringify(scopes);
}

/** What is in both of two caps. */
export const inBoth = (one: SQLWrapper, other: SQLWrapper): SQL => sql`(
  SELECT json_group_array(value) FROM json_each(${one})
  WHERE value IN (SELECT value FROM json_each(${other})))`;

/** The cap of the user `u` within another cap. */
const narrowed = (cap: SQL): SQL => inBoth(sql`coalesce(${u.cap}, ${cap})`, cap);

/**
 * The cap of the user `u` after a change by which it gains: a level or another inbox; its account
 * back, or a way in with less proof. A caller within bounds passes them on. One without lifts them
 * for the first two alone.
 */
export function capAfter(permit: Called, gains: SQL, opened: SQL): SQL {
  const cap = capOf(permit);
  if (cap === null) return sql`iif(${gains}, NULL, ${u.cap})`;
  const isGiven = sql`${u.memberLevel} IS NOT NULL AND (${gains} OR ${opened})`;
  return sql`iif(${isGiven}, ${narrowed(sql`${cap}`)}, ${u.cap})`;
}

/**
 * The cap of a session that a call opens for the user `u`. Who signs in has that of the password.
 * End users need none.
 */
export const capOfSession = (permit: Called): SQL =>
  permit.caller.kind === 'key' || permit.caller.kind === 'member'
    ? sql`iif(${u.memberLevel} IS NULL, NULL, ${capOf(permit)})`
    : sql`(SELECT ${pw.cap} FROM ${source(pw)} WHERE ${pw.userId} = ${u.id})`;
