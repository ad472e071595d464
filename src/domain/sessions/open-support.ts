/**
 * Opens support sessions: somebody of the company acts for an end user, for a while and for a
 * reason.
 */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, Refusal, refuseAny } from '../../base/faults.ts';
import { nameText, parse, range } from '../../base/text.ts';
import { s, source, t, u } from '../../db/aliases.ts';
import { select } from '../../db/statements.ts';
import { callerUserId } from '../callers/level.ts';
import { SEES_MORE, seesMore } from '../callers/visibility.ts';
import { PERMISSION_KINDS, type PermissionKind } from '../entities/permission.ts';
import { selectRecords } from '../entities/session.ts';
import { allowedSupport, MAX_SUPPORT_MS, readPermissions, USUAL } from '../entities/support.ts';
import { isUser, selectUser, type User, unknownUser } from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { selectSessions } from './list.ts';
import {
  insertSession,
  type OpenedSession,
  openingInput,
  type SessionToOpen,
  suspendedUser,
} from './open.ts';
import { publish, publishEnds } from './publish.ts';

const LEAST_SECONDS = 60;
export const MOST_SECONDS = MAX_SUPPORT_MS / 1000;

const input = v.object({
  ...openingInput.entries,
  actor: v.nullish(nameText(100)),
  reason: v.nullish(nameText(300)),
  expiresInSeconds: v.nullish(range(LEAST_SECONDS, MOST_SECONDS, ' seconds')),
  permissions: v.nullish(
    v.pipe(
      v.array(v.picklist(PERMISSION_KINDS)),
      v.check((list) => list.length > 0, 'Name at least one permission, or leave this out.'),
      v.check((list) => new Set(list).size === list.length, 'Name each permission once.'),
    ),
  ),
});
type Given = v.InferOutput<typeof input>;

export interface SupportSessionToOpen extends SessionToOpen {
  actor?: string | null | undefined;
  reason?: string | null | undefined;
  expiresInSeconds?: number | null | undefined;
  permissions?: PermissionKind[] | null | undefined;
}

const invalid = (field: keyof Given, message: string): Complaint => ({
  code: 'INVALID',
  path: [field],
  message,
});

/** What is wrong with who acts and why. A member acts in person. */
function faultsOf({ caller }: Permit<'session.addSupport'>, given: Given): Complaint[] {
  const { actor, reason } = given;
  const isMember = caller.kind === 'member';
  if (!isMember && actor == null && reason == null) {
    return (['expiresInSeconds', 'permissions'] as const)
      .filter((field) => given[field] != null)
      .map((field) => invalid(field, 'Only support sessions have this. Say actor and reason.'));
  }
  return [
    ...(isMember && actor != null ? [invalid('actor', 'Leave this out: it is you.')] : []),
    ...(isMember || actor != null ? [] : [invalid('actor', 'Say who acts.')]),
    ...(reason == null ? [invalid('reason', 'Say why.')] : []),
  ];
}

const notForMembers: Complaint = {
  code: 'FORBIDDEN',
  path: ['userIdentifier'],
  message: 'Support sessions are for end users, never for members.',
};

const beyondSight: Complaint = {
  code: 'FORBIDDEN',
  path: ['userIdentifier'],
  message: SEES_MORE,
};

/** What the company allows, as a JSON list. */
const selectAllowed = (tenantId: number) =>
  select({ allowed: allowedSupport }, sql`FROM ${source(t)} WHERE ${t.id} = ${tenantId}`);

const beyond = (json: string): Complaint => {
  const allowed = readPermissions(json).join(' and ') || 'nothing';
  return {
    code: 'FORBIDDEN',
    path: ['permissions'],
    message: `Your company allows ${allowed} in support sessions. Level 1 can change that.`,
  };
};

/**
 * Opens a support session. The token is shown only once. Throws FORBIDDEN for a member, for a
 * suspended user, for one who sees stations that the caller does not, and for permissions that the
 * company does not allow; NOT_FOUND for an unknown user.
 */
export async function openSupportSession(
  permit: Permit<'session.addSupport'>,
  raw: SupportSessionToOpen,
): Promise<{ user: User; session: OpenedSession }> {
  const given = parse(input, raw);
  refuseAny(faultsOf(permit, given));
  const { userIdentifier: identifier, label, actor = null, reason = null } = given;
  if (!identifier.externalUser) throw new Refusal(notForMembers);
  const { tenantId, now, db, call } = permit;
  const permissions = given.permissions ? JSON.stringify(given.permissions) : USUAL;
  const company = selectAllowed(tenantId);
  const isAllowed = sql`NOT EXISTS (SELECT 1 FROM json_each(${permissions}) j
    WHERE j.value NOT IN (SELECT w.value FROM json_each((${company.sql})) w))`;
  const picked = isUser(tenantId, identifier);
  const credential = await call.issuer.issue('ses');
  const opening = {
    ...({ openedBy: 'SUPPORT', label } as const),
    support: {
      ...{ actor, reason, permissions, actorUserId: callerUserId(permit) },
      expiresAt: now + (given.expiresInSeconds ?? MOST_SECONDS) * 1000,
    },
  };
  const written = await db.batch({
    ...insertSession(
      permit,
      credential,
      opening,
      sql`${picked} AND ${u.memberLevel} IS NULL AND NOT ${seesMore(permit)} AND ${isAllowed}`,
    ),
    user: selectUser(picked),
    hidden: select({ id: u.id }, sql`FROM ${source(u)} WHERE ${picked} AND ${seesMore(permit)}`),
    company,
    rows: selectRecords(sql`${s.id} = ${credential.id}`, now),
    opened: selectSessions(sql`${s.id} = ${credential.id}`),
  });
  const [user] = written.user;
  const [session] = written.opened;
  if (!user) throw new Refusal(unknownUser(identifier));
  if (user.suspendedAt !== null) throw new Refusal(suspendedUser);
  if (written.hidden.length > 0) throw new Refusal(beyondSight);
  if (!session) throw new Refusal(beyond(written.company[0]?.allowed ?? '[]'));
  publish(call, [session], written.rows);
  publishEnds(call, written.ended, written.withdrawn);
  return { user, session: { ...session, accessToken: credential.token } };
}
