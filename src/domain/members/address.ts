/**
 * The passwords of one e-mail address, in all companies that it is a member of, are made with one salt and one set of
 * parameters: so one hash tells which of them fit, and no company changes what a sign-in to another takes.
 */
import { type SQL, sql } from 'drizzle-orm';
import { recipeOf } from '../../base/passwords.ts';

/** The hash of the password that another company had first under the address of the user `u`; null: none has one. */
export const kinHash = sql`(
  SELECT q.hash FROM users o JOIN passwords q ON q.user_id = o.id
  WHERE o.email = u.email AND o.id <> u.id AND q.hash IS NOT NULL ORDER BY q.first_set_at, o.id LIMIT 1)`;

/** Whether a hash has the salt and the parameters that the address of the user `u` has in other companies, if in any. */
export function fitsKin(hash: string): SQL {
  const recipe = recipeOf(hash);
  return sql`coalesce(substr(${kinHash}, 1, ${recipe.length}) = ${recipe}, 1)`;
}

/** What a hash ends with, behind its recipe: base64. */
const KEY_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const recipe = (hash: SQL): SQL => sql`rtrim(${hash}, ${sql.raw(`'${KEY_CHARACTERS}'`)})`;

/**
 * The hash of an older password under the address of the user `u`, in another company, that has
 * another recipe than the password `p` of `u`: from before the rule above. Whoever signs in without
 * a company is compared with the older one alone.
 */
export const olderHash = sql`(
  SELECT q.hash FROM users o JOIN passwords q ON q.user_id = o.id
  WHERE o.email = u.email AND o.id <> u.id AND (q.first_set_at, o.id) < (p.first_set_at, u.id)
    AND ${recipe(sql`q.hash`)} <> ${recipe(sql`p.hash`)} ORDER BY q.first_set_at, o.id LIMIT 1)`;
