/** Nobody reaches above their own level: a member's call changes no user above it. */
import { type SQL, sql } from 'drizzle-orm';
import { type Complaint, Refusal } from '../../base/faults.ts';
import { u } from '../../db/aliases.ts';
import type { Database } from '../../db/connect.ts';
import { select } from '../../db/statements.ts';
import type { Permit } from '../permit.ts';
import { levelOf } from './level.ts';

/** The complaint about a user above the caller, with the field that names the user. */
export const aboveYou = (field: string): Complaint => ({
  code: 'FORBIDDEN',
  path: [field],
  message: 'This user’s level is above your own.',
});

/** Whether the user `u` is above the caller. Nobody is above level 1 and keys. */
export const isAbove = (permit: Permit<string>): SQL => sql`${u.memberLevel} < ${levelOf(permit)}`;

/**
 * The database `db`, whose batches throw FORBIDDEN if a user is above the caller. `users`: FROM and
 * WHERE for the users `u` that the batches concern. `field`: what names them in the input.
 */
export const sparingSuperiors = (
  db: Database,
  permit: Permit<string>,
  users: SQL,
  field: string,
): Database =>
  levelOf(permit) === 1
    ? db
    : db.unless(
        sql`EXISTS (SELECT 1 ${users} AND ${isAbove(permit)})`,
        new Refusal(aboveYou(field)),
      );

/** Throws FORBIDDEN if one of these users is above the caller. For verbs that only read. */
export async function assertReachable(
  permit: Permit<string>,
  users: SQL,
  field: string,
): Promise<void> {
  if (levelOf(permit) === 1) return;
  const [superior] = await permit.db.read(
    select({ id: u.id }, sql`${users} AND ${isAbove(permit)}`),
  );
  if (superior) throw new Refusal(aboveYou(field));
}
