/** Members of level 1: a company without an active one could not be administered by anybody but a key. */
import { type SQL, sql } from 'drizzle-orm';
import type { Guard } from '../guards.ts';
import type { Permit } from '../permit.ts';
import { userOf } from '../stations/sight.ts';

/** Whether a user can sign in. An invitation is no password yet: it ends with whoever made it. */
const hasPassword = (id: SQL): SQL =>
  sql`EXISTS (SELECT 1 FROM passwords p WHERE p.user_id = ${id} AND p.hash IS NOT NULL)`;

/**
 * Whether the user `u` is the only active member of level 1, or the only one of them who can sign
 * in: the others would be locked out.
 */
export const isLastHead = sql`(u.member_level = 1 AND u.suspended_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM users o
  WHERE o.tenant_id = u.tenant_id AND o.member_level = 1 AND o.suspended_at IS NULL AND o.id <> u.id
    AND (${hasPassword(sql`o.id`)} OR NOT ${hasPassword(sql`u.id`)})))`;

/** Members are kept from it; a key may. */
export const lastHead = ({ caller }: Permit<string>, when: SQL, field: string): Guard => ({
  when: caller.kind === 'key' ? sql`0` : when,
  complaint: {
    code: 'FORBIDDEN',
    path: [field],
    message:
      'This is the last active member of level 1, or the last who has a password. Make another one first, and let them set a password.',
  },
});

/** Who ends what they made may end those who would be left: so somebody else does it. */
export const notOneself = (permit: Permit<string>): Guard => ({
  when: sql`u.id = ${userOf(permit)}`,
  complaint: {
    code: 'FORBIDDEN',
    path: ['end_minted'],
    message: 'This is you. Have another member, or a key, end what you made.',
  },
});
