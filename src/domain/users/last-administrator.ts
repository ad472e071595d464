/**
 * Protects the last administrator, a member of level 1. Without one, only an API key could
 * administer the company.
 */
import { type SQL, sql } from 'drizzle-orm';
import { Refusal } from '../../base/faults.ts';
import { aliased, source, u } from '../../db/aliases.ts';
import type { Database } from '../../db/connect.ts';
import type { Guard } from '../../db/guards.ts';
import { users } from '../../db/schema.ts';
import { hasPassword } from '../passwords/void.ts';
import type { Permit } from '../permit.ts';

const other = aliased(users, 'other');

/**
 * Whether the user `u` is the only active member of level 1, or the only one of them with a
 * password.
 */
export const isLastAdministrator = sql`(
  ${u.memberLevel} = 1 AND ${u.suspendedAt} IS NULL AND NOT EXISTS (
    SELECT 1 FROM ${source(other)}
    WHERE ${other.tenantId} = ${u.tenantId} AND ${other.memberLevel} = 1
      AND ${other.suspendedAt} IS NULL AND ${other.id} <> ${u.id}
      AND (${hasPassword(other.id)} OR NOT ${hasPassword(u.id)})))`;

/** Refuses members when `when` holds. A key may do it. */
export const lastAdministrator = ({ caller }: Permit<string>, when: SQL, field: string): Guard => ({
  when: caller.kind === 'key' ? sql`0` : when,
  complaint: {
    code: 'FORBIDDEN',
    path: [field],
    message:
      'This is the last active member of level 1, or the last who has a password. ' +
      'Make another one first, and let them set a password.',
  },
});

/**
 * The database `db`, whose batches refuse members if the user `u` that fits is the last
 * administrator. `field`: what names that user in the input.
 */
export function keepingAdministrator(
  db: Database,
  permit: Permit<string>,
  fits: SQL,
  field: string,
): Database {
  if (permit.caller.kind !== 'member') return db;
  const { when, complaint } = lastAdministrator(permit, isLastAdministrator, field);
  return db.unless(
    sql`EXISTS (SELECT 1 FROM ${source(u)} WHERE ${fits} AND ${when})`,
    new Refusal(complaint),
  );
}
