/** The user, and the two ways to name one. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { addressKey } from '../../base/address.ts';
import { refuse } from '../../base/faults.ts';
import { idText, text } from '../../base/text.ts';
import { source, u, us } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { type RowOf, select } from '../../db/statements.ts';
import { jsonBoolean, jsonList } from '../../db/subjects.ts';

/** The e-mail address of a user `u` as entered. `email` is the form used for comparison. */
export const shownEmail = sql<string | null>`coalesce(${u.address}, ${u.email})`;

/** The level of a member: 1 has the most rights, 4 the least. */
export type Level = 1 | 2 | 3 | 4;

/** The columns of a User. End users have an externalId, members have none. */
export const userColumns = {
  ...{ id: u.id, externalId: u.externalId, email: shownEmail, name: u.name },
  ...{ createdAt: u.createdAt, suspendedAt: u.suspendedAt },
};

export type User = RowOf<typeof userColumns>;

export const externalId = text(255);

/** Exactly one of the two. The faces make sure of it. */
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

/**
 * The externalId in an identifier. Throws INVALID if it names a member: only an end user can be
 * created.
 */
export function externalIdOf(identifier: ParsedUserIdentifier): string {
  if (identifier.externalUser) return identifier.externalUser.externalId;
  throw refuse(
    'INVALID',
    ['userIdentifier', 'companyUser'],
    'Name an end user, by "externalUser": members are created over REST.',
  );
}

/**
 * The condition for the named user `u`: by a unique index, within the tenant, never a removed one.
 * `companyUser` never matches an end user.
 */
export function isUser(tenantId: number, identifier: ParsedUserIdentifier): SQL {
  const { externalUser, companyUser } = identifier;
  const ours = sql`${u.tenantId} = ${tenantId}`;
  if (externalUser) return sql`${ours} AND ${u.externalId} = ${externalUser.externalId}`;
  if (companyUser?.id) {
    return sql`${u.id} = ${companyUser.id} AND ${ours} AND ${u.memberLevel} IS NOT NULL`;
  }
  return sql`${ours} AND ${u.email} = ${companyUser?.email ?? null}`;
}

/** Selects the users `u` that fit a condition. */
export const selectUser = (condition: SQL): Statement<User> =>
  select(userColumns, fromUser(condition));

/** FROM and WHERE for the user `u` that fits. */
export const fromUser = (condition: SQL): SQL => sql`FROM ${source(u)} WHERE ${condition}`;

/** A subquery for the id of the user `u` that fits. */
export const idOfUser = (condition: SQL): SQL => sql`(SELECT ${u.id} ${fromUser(condition)})`;

/** The complaint about an unknown user, with the path to the field that named it. */
export function unknownUser(identifier: ParsedUserIdentifier) {
  const message = identifier.externalUser
    ? 'There is no such user. Create it first, or check the id: it is your own, compared exactly.'
    : 'There is no such member of your company. Check it. ' +
      'End users are named by "externalUser", with your own id.';
  const path = identifier.externalUser
    ? ['userIdentifier', 'externalUser', 'externalId']
    : ['userIdentifier', 'companyUser', identifier.companyUser?.id ? 'id' : 'email'];
  return {
    code: 'NOT_FOUND' as const,
    path,
    message,
  };
}

/**
 * The subject of an event about a changed member `u`: whether they are suspended, and their
 * stations.
 */
export const changedMember = (isSuspended: SQL) => ({
  suspended: jsonBoolean(isSuspended),
  stationIds: sql<number[]>`(
    SELECT ${jsonList(us.stationId)} FROM ${source(us)} WHERE ${us.userId} = ${u.id})`,
});
