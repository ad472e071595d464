/**
 * The passwords of one e-mail address, in all companies that it is a member of, are made with one
 * salt and one set of parameters: so one hash tells which of them fit, and no company changes what
 * a sign-in to another takes.
 */
import { type Column, type SQL, sql } from 'drizzle-orm';
import { saltAndParametersOf } from '../../base/passwords.ts';
import { aliased, pw, source, u } from '../../db/aliases.ts';
import { passwords, users } from '../../db/schema.ts';

/** Other users under the same address, in other companies, and their passwords. */
const otherUser = aliased(users, 'kin');
const otherPassword = aliased(passwords, 'kinPassword');

/** FROM and WHERE: they have a password, and fit; the one that was set first. */
const firstOtherAccount = (fits: SQL): SQL => sql`
  FROM ${source(otherUser)} JOIN ${source(otherPassword)} ON ${otherPassword.userId} = ${otherUser.id}
  WHERE ${otherUser.email} = ${u.email} AND ${otherUser.id} <> ${u.id} AND ${fits}
  ORDER BY ${otherPassword.firstSetAt}, ${otherUser.id} LIMIT 1`;

/**
 * The hash of the password that another company had first under the address of the user `u`; null:
 * none has one.
 */
export const firstHashOfAddress = sql<string | null>`(
  SELECT ${otherPassword.hash} ${firstOtherAccount(sql`${otherPassword.hash} IS NOT NULL`)})`;

/**
 * Whether a hash has the salt and the parameters that the address of the user `u` has in other
 * companies, if in any.
 */
export function hasSaltOfAddress(hash: string): SQL {
  const recipe = saltAndParametersOf(hash);
  return sql`coalesce(substr(${firstHashOfAddress}, 1, ${recipe.length}) = ${recipe}, 1)`;
}

/** What a hash ends with, behind its recipe: base64. */
const KEY_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const recipe = (hash: Column): SQL => sql`rtrim(${hash}, ${sql.raw(`'${KEY_CHARACTERS}'`)})`;

/**
 * The hash of an older password under the address of the user `u`, in another company, that has
 * another recipe than the password `pw` of `u`: from before the rule above. Whoever signs in
 * without a company is compared with the older one alone.
 */
export const olderHash = sql<string | null>`(
  SELECT ${otherPassword.hash} ${firstOtherAccount(sql`
    (${otherPassword.firstSetAt}, ${otherUser.id}) < (${pw.firstSetAt}, ${u.id})
    AND ${recipe(otherPassword.hash)} <> ${recipe(pw.hash)}`)})`;
