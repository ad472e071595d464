/** The user as a fact, and the two ways to name one. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { addressKey } from '../../base/address.ts';
import { refuse } from '../../base/faults.ts';
import { idText, text } from '../../base/text.ts';
import { type Statement, statement } from '../../db/connect.ts';

export interface User {
  id: number;
  /** End users have one, members have none. */
  externalId: string | null;
  email: string | null;
  name: string | null;
  createdAt: number;
  suspendedAt: number | null;
}

/** The e-mail address of a user `u` as it was given; `email` is what it is compared by. */
export const shownEmail = sql.raw('coalesce(u.address, u.email)');

/** The columns of a User, from a table named `u`. */
export const userColumns = sql`u.id, u.external_id AS externalId, ${shownEmail} AS email, u.name,
  u.created_at AS createdAt, u.suspended_at AS suspendedAt`;

export const externalId = text(255);

/** Exactly one of the two, as the faces see to. */
export interface UserIdentifier {
  externalUser?: { externalId: string } | null | undefined;
  companyUser?:
    | { id?: string | null | undefined; email?: string | null | undefined }
    | null
    | undefined;
}

export const userIdentifier = v.object({
  externalUser: v.nullish(v.object({ externalId })),
  companyUser: v.nullish(
    v.object({
      id: v.nullish(idText),
      email: v.nullish(v.pipe(text(254), v.transform(addressKey))),
    }),
  ),
});
export type ParsedUserIdentifier = v.InferOutput<typeof userIdentifier>;

/** Only the tenant's own way to name a user can create one. */
export function externalIdOf(identifier: ParsedUserIdentifier): string {
  if (identifier.externalUser) return identifier.externalUser.externalId;
  throw refuse(
    'INVALID',
    ['userIdentifier', 'companyUser'],
    'Name an end user, by "externalUser": members are created over REST.',
  );
}

/**
 * The condition that picks the named user from `users u`: through a unique index, within the tenant,
 * never a removed one; `companyUser` never picks an end user.
 */
export function isUser(tenantId: number, identifier: ParsedUserIdentifier): SQL {
  const { externalUser, companyUser } = identifier;
  if (externalUser) {
    return sql`u.tenant_id = ${tenantId} AND u.external_id = ${externalUser.externalId}`;
  }
  if (companyUser?.id) {
    return sql`u.id = ${companyUser.id} AND u.tenant_id = ${tenantId} AND u.member_level IS NOT NULL`;
  }
  return sql`u.tenant_id = ${tenantId} AND u.email = ${companyUser?.email ?? null}`;
}

export const selectUser = (condition: SQL): Statement<User> =>
  statement<User>(sql`SELECT ${userColumns} FROM users u WHERE ${condition}`);

/** The id of the user `u` that a condition picks, as a subquery. */
export const idOfUser = (condition: SQL): SQL => sql`(SELECT u.id FROM users u WHERE ${condition})`;

/** A path to the very field that named a user who is not there. */
export function unknownUser(identifier: ParsedUserIdentifier) {
  const message = identifier.externalUser
    ? 'There is no such user. Create it first, or check the id: it is your own, compared exactly.'
    : 'There is no such member of your company. Check it. End users are named by "externalUser", with your own id.';
  const path = identifier.externalUser
    ? ['userIdentifier', 'externalUser', 'externalId']
    : ['userIdentifier', 'companyUser', identifier.companyUser?.id ? 'id' : 'email'];
  return {
    code: 'NOT_FOUND' as const,
    path,
    message,
  };
}
