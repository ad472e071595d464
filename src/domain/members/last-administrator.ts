/** Members of level 1: in a company without an active one only a key could administer anything. */
import { type SQL, sql } from 'drizzle-orm';
import { aliased, source, u } from '../../db/aliases.ts';
import type { Guard } from '../../db/guards.ts';
import { users } from '../../db/schema.ts';
import { callerUserId } from '../callers/level.ts';
import { hasPassword } from '../passwords/void.ts';
import type { Permit } from '../permit.ts';

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
