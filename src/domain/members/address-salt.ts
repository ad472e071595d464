/**
 * All passwords under one e-mail address, in all companies, share a salt and parameters. So a
 * sign-in computes one hash to compare with all of them, and no company changes how long a sign-in
 * to another takes.
 */
import { type Column, type SQL, sql } from 'drizzle-orm';
import { saltAndParametersOf } from '../../base/passwords.ts';
import { aliased, pw, source, u } from '../../db/aliases.ts';
import { passwords, users } from '../../db/schema.ts';

/** Other users with the same address, in other companies, and their passwords. */
const otherUser = aliased(users, 'kin');
const otherPassword = aliased(passwords, 'kinPassword');

/**
 * FROM and WHERE: the other users that have a password and fit. The first password that was set
 * comes first.
 */
const firstOtherAccount = (fits: SQL): SQL => sql`
  FROM ${source(otherUser)}
  JOIN ${source(otherPassword)} ON ${otherPassword.userId} = ${otherUser.id}
  WHERE ${otherUser.email} = ${u.email} AND ${otherUser.id} <> ${u.id} AND ${fits}
  ORDER BY ${otherPassword.firstSetAt}, ${otherUser.id} LIMIT 1`;

/**
 * The hash of the first password that another company has under the address of the user `u`. Null
 * if none has one.
 */
export const firstHashOfAddress = sql<string | null>`(
  SELECT ${otherPassword.hash} ${firstOtherAccount(sql`${otherPassword.hash} IS NOT NULL`)})`;

/**
 * Whether a hash has the salt and parameters that other companies use for the address of the user
 * `u`. True if there are none.
 */
export function hasSaltOfAddress(hash: string): SQL {
  const recipe = saltAndParametersOf(hash);
  return sql`coalesce(substr(${firstHashOfAddress}, 1, ${recipe.length}) = ${recipe}, 1)`;
}

/** The characters of the key at the end of a hash: base64. */
const KEY_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const recipe = (hash: Column): SQL => sql`rtrim(${hash}, ${sql.raw(`'${KEY_CHARACTERS}'`)})`;

/**
 * The hash of an older password under the address of the user `u`, in another company, whose salt
 * or parameters differ from those of the password `pw` of `u`. It is from before the rule above. A
 * sign-in without a company is compared with the older one only.
 */
export const olderHash = sql<string | null>`(
  SELECT ${otherPassword.hash} ${firstOtherAccount(sql`
    (${otherPassword.firstSetAt}, ${otherUser.id}) < (${pw.firstSetAt}, ${u.id})
    AND ${recipe(otherPassword.hash)} <> ${recipe(pw.hash)}`)})`;
