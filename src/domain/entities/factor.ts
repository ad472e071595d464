/**
 * Second factors of members: an authenticator app (TOTP), which must be confirmed, or a passkey.
 */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Complaint } from '../../base/faults.ts';
import { pk, s, source, t, tp, u } from '../../db/aliases.ts';
import type { sessions } from '../../db/schema.ts';

export type OpenedBy = NonNullable<(typeof sessions.$inferSelect)['openedBy']>;

/** Whether the user with this id has an authenticator app. */
export const hasTotp = (userId: SQLWrapper | number): SQL => sql`EXISTS (
  SELECT 1 FROM ${source(tp)} WHERE ${tp.userId} = ${userId} AND ${tp.confirmedAt} IS NOT NULL)`;

/** Whether the user with this id has a passkey. */
export const hasPasskey = (userId: SQLWrapper | number): SQL => sql`EXISTS (
  SELECT 1 FROM ${source(pk)} WHERE ${pk.userId} = ${userId})`;

/** Whether a password alone does not let the user with this id in. */
export const hasFactor = (userId: SQLWrapper | number): SQL =>
  sql`(${hasTotp(userId)} OR ${hasPasskey(userId)})`;

/** How many factors the user with this id has. */
export const countFactors = (userId: SQLWrapper | number): SQL<number> => sql`(
  ${hasTotp(userId)} + (SELECT count(*) FROM ${source(pk)} WHERE ${pk.userId} = ${userId}))`;

/** Whether the members of the tenant with this id need a second factor. */
export const requiresFactor = (tenantId: SQLWrapper | number): SQL => sql`EXISTS (
  SELECT 1 FROM ${source(t)} WHERE ${t.id} = ${tenantId} AND ${t.requireSecondFactor} = 1)`;

const WITH_FACTOR: readonly OpenedBy[] = ['CODE', 'PASSKEY'];

/** Whether the session `s` was opened with a second factor. */
export const isWithFactor = sql`coalesce(${s.openedBy} IN ${WITH_FACTOR}, 0)`;

/**
 * Whether a session of the user `u` may be opened so. In the batch that opens it: the company may
 * begin to require a factor, or the member add the first one, at that moment.
 */
export function isOpenable(openedBy: OpenedBy): SQL {
  if (WITH_FACTOR.includes(openedBy)) return sql`1`;
  const isMissed = requiresFactor(u.tenantId);
  const isLacking = openedBy === 'PASSWORD' ? sql`(${isMissed} OR ${hasFactor(u.id)})` : isMissed;
  return sql`(${u.memberLevel} IS NULL OR NOT ${isLacking})`;
}

/** Why no key opens a session of a member. */
export const factorRequired: Complaint = {
  code: 'FORBIDDEN',
  path: ['userIdentifier'],
  message:
    'This company requires second factors, so no API key opens a session of a member. ' +
    'The member signs in with a code, or in the console.',
};
