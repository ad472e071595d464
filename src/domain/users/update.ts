/** Changes a user's externalId, suspends or restores a user. */

import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, refuse, refuseAny } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { s, source, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import type { Database } from '../../db/connect.ts';
import { select, update } from '../../db/statements.ts';
import { jsonBoolean } from '../../db/subjects.ts';
import { capAfter } from '../callers/cap.ts';
import { sparingSuperiors } from '../callers/superiors.ts';
import {
  externalId,
  externalIdOf,
  fromUser,
  idOfUser,
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  unknownUser,
  userIdentifier,
} from '../entities/user.ts';
import { voidResets } from '../passwords/void.ts';
import type { Permit } from '../permit.ts';
import { withdrawAll } from '../sessions/end.ts';
import { endSupportBy, publishSupportEnds } from '../sessions/end-support.ts';
import { publishEnds, publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import { keepingAdministrator } from './last-administrator.ts';

const input = v.object({
  userIdentifier,
  newExternalId: v.nullish(externalId),
  suspended: v.nullish(v.boolean()),
});

export interface UserUpdate {
  userIdentifier: UserIdentifier;
  newExternalId?: string | null | undefined;
  /** True ends the user's sessions and prevents new ones. */
  suspended?: boolean | null | undefined;
}

const takenId: Complaint = {
  code: 'CONFLICT',
  path: ['newExternalId'],
  message: 'Another user has this externalId.',
};

/** When the user `u` was suspended, after a call with `suspended`. */
function suspensionAfter(suspended: boolean | null | undefined, now: number): SQL {
  if (suspended == null) return sql`${u.suspendedAt}`;
  return suspended ? sql`coalesce(${u.suspendedAt}, ${now})` : sql`NULL`;
}

const updateEvent = (
  permit: Permit<'user.update' | 'user.restoreMember'>,
  suspendedAt: SQL,
  renamed: string | null,
  changes: SQL,
) =>
  event(
    permit,
    {
      action: 'user.update',
      user: u.id,
      subject: {
        suspended: jsonBoolean(sql`${suspendedAt} IS NOT NULL`),
        externalIdChanged: renamed !== null,
      },
    },
    sql`FROM ${source(u)} WHERE ${changes}`,
  );

/** The database of the change. It spares whoever is above the caller, and the last head. */
function sparingIn(
  permit: Permit<'user.update' | 'user.restoreMember'>,
  picked: SQL,
  { ends, suspended }: { ends: SQL; suspended: boolean | null | undefined },
): Database {
  const field = 'userIdentifier';
  const db = sparingSuperiors(permit.endingIf(ends), permit, fromUser(picked), field);
  return suspended === true ? keepingAdministrator(db, permit, picked, field) : db;
}

/**
 * Gives a user another externalId, suspends or restores it. Throws NOT_FOUND for an unknown user,
 * CONFLICT if another user has the externalId, FORBIDDEN for a user above the calling member, or
 * the last administrator.
 */
export async function updateUser(
  permit: Permit<'user.update' | 'user.restoreMember'>,
  raw: UserUpdate,
): Promise<{ user: User }> {
  const { userIdentifier: identifier, newExternalId, suspended } = parse(input, raw);
  if (newExternalId != null && !identifier.externalUser) {
    throw refuse('INVALID', ['newExternalId'], 'Members have no externalId.');
  }
  const { tenantId, now, call } = permit;
  const picked = isUser(tenantId, identifier);
  const renamed =
    newExternalId == null || newExternalId === externalIdOf(identifier) ? null : newExternalId;
  const holder = sql`FROM ${source(u)}
    WHERE ${u.tenantId} = ${tenantId} AND ${u.externalId} = ${renamed}`;
  const free = sql`NOT EXISTS (SELECT 1 ${holder})`;
  const suspends = sql`${suspended === true ? 1 : 0}`;
  const suspendedAt = suspensionAfter(suspended, now);
  const sessions = sql`${s.userId} = ${idOfUser(sql`${picked} AND ${free}`)} AND ${suspends}`;
  const ends = sql`${suspends} AND EXISTS (
    SELECT 1 FROM ${source(u)} WHERE ${picked} AND ${u.suspendedAt} IS NULL)`;
  const db = sparingIn(permit, picked, { ends, suspended });
  const changes = sql`${picked} AND ${free}
    AND (${renamed} IS NOT NULL OR ${u.suspendedAt} IS NOT ${suspendedAt})`;

  const {
    before: [before],
    taken,
    ending,
    withdrawn,
    renaming,
    after: [after],
    ...support
  } = await db.batch({
    before: selectUser(picked),
    taken: select({ id: u.id }, holder),
    event: updateEvent(permit, suspendedAt, renamed, changes),
    ...withdrawAll(permit, sessions),
    // Services take the user's name from a copy. It may soon be another user's.
    renaming: withdrawLive(
      permit,
      'user',
      idOfUser(sql`${picked} AND ${free} AND ${renamed !== null && suspended !== true ? 1 : 0}`),
    ),
    ...endSupportBy(permit, idOfUser(sql`${picked} AND ${suspends}`)),
    ...(suspended === true ? { resets: voidResets(idOfUser(picked)) } : {}),
    update: update(
      u,
      {
        ...{ externalId: renamed ?? undefined, suspendedAt },
        cap: suspended === false ? capAfter(permit, sql`0`, sql`1`) : undefined,
      },
      sql`WHERE ${changes}`,
    ),
    after: selectUser(
      renamed === null ? picked : isUser(tenantId, { externalUser: { externalId: renamed } }),
    ),
  });
  refuseAny([
    ...(before ? [] : [unknownUser(identifier)]),
    ...(taken.length === 0 ? [] : [takenId]),
  ]);
  if (!after) throw new Error('a user vanished within a batch');
  publishEnds(call, ending, withdrawn);
  publishWithdrawn(call, renaming);
  publishSupportEnds(call, support);
  return { user: after };
}
