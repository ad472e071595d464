/** Conditions that users `u` are found by a search: each is a range of an index. */
import { type SQL, sql } from 'drizzle-orm';
import { addressKey, startOfKey } from '../../base/address.ts';
import { foldName } from '../../base/fold.ts';
import { u } from '../../db/aliases.ts';
import { beginsWith } from '../../db/prefix.ts';

/**
 * A condition that no row meets. A bound value: with a constant, SQLite would see that, and the
 * plan would tell nothing.
 */
const nothing = sql`${0}`;

/**
 * Addresses that begin with `search`. An incomplete domain has no ASCII form yet, so it is also
 * compared as it was entered.
 */
export function addressBeginsWith(search: string): SQL {
  const begun = startOfKey(search);
  if (!begun) return nothing;
  const keys = beginsWith(sql`${u.email}`, begun.start);
  const given = beginsWith(sql`${u.address}`, search.toLowerCase());
  return begun.isAll ? keys : sql`(${keys} AND (${u.email} = ${addressKey(search)} OR ${given}))`;
}

/** The expression of the users' index by name. */
export const nameKey = sql`coalesce(${u.nameFolded}, lower(${u.name}))`;

/** Names that begin with `search`. A search of accents only matches nothing. */
export function nameBeginsWith(search: string): SQL {
  const folded = foldName(search);
  return sql`${u.name} IS NOT NULL AND ${folded === '' ? nothing : beginsWith(nameKey, folded)}`;
}
