/** Members of level 1: in a company without an active one only a key could administer anything. */
import { type Column, type SQL, sql } from 'drizzle-orm';
import { aliased, pw, source, u } from '../../db/aliases.ts';
import { users } from '../../db/schema.ts';
import type { Guard } from '../guards.ts';
import type { Permit } from '../permit.ts';
import { callerUserId } from '../stations/visibility.ts';

/** Whether a user can sign in. An invitation is no password yet: it ends with whoever made it. */
export const hasPassword = (id: Column): SQL => sql`EXISTS (
  SELECT 1 FROM ${source(pw)} WHERE ${pw.userId} = ${id} AND ${pw.hash} IS NOT NULL)`;

const other = aliased(users, 'other');

/**
 * Whether the user `u` is the only active member of level 1, or the only one of them who can sign
 * in: the others would be locked out.
 */
export const isLastAdministrator = sql`(
  ${u.memberLevel} = 1 AND ${u.suspendedAt} IS NULL AND NOT EXISTS (
    SELECT 1 FROM ${source(other)}
    WHERE ${other.tenantId} = ${u.tenantId} AND ${other.memberLevel} = 1
      AND ${other.suspendedAt} IS NULL AND ${other.id} <> ${u.id}
      AND (${hasPassword(other.id)} OR NOT ${hasPassword(u.id)})))`;

/** Members are kept from it; a key may. */
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

/** Who ends what they made may end those who would be left: so somebody else does it. */
export const notOneself = (permit: Permit<string>): Guard => ({
  when: sql`${u.id} = ${callerUserId(permit)}`,
  complaint: {
    code: 'FORBIDDEN',
    path: ['end_minted'],
    message: 'This is you. Have another member, or a key, end what you made.',
  },
});
