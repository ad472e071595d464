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
