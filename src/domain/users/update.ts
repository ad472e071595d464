/** Changing a user's externalId, suspending and restoring. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuse, refuseAny } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { voidResets } from '../members/resets.ts';
import type { Permit } from '../permit.ts';
import { selectEnding, withdrawSessions } from '../sessions/end.ts';
import { publishEnds, publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import {
  externalId,
  externalIdOf,
  idOfUser,
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  unknownUser,
  userColumns,
  userIdentifier,
} from './user.ts';

const input = v.object({
  userIdentifier,
  newExternalId: v.nullish(externalId),
  suspended: v.nullish(v.boolean()),
});

export interface UserUpdate {
  userIdentifier: UserIdentifier;
  newExternalId?: string | null | undefined;
  /** True ends the user's sessions and lets no new ones open. */
  suspended?: boolean | null | undefined;
}

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
  const free = sql`NOT EXISTS (SELECT 1 FROM users WHERE tenant_id = ${tenantId} AND external_id = ${renamed})`;
  const suspendedAt =
    suspended == null
      ? sql`u.suspended_at`
      : suspended
        ? sql`coalesce(u.suspended_at, ${now})`
        : sql`NULL`;
  const sessions = sql`s.user_id = ${idOfUser(sql`${picked} AND ${free}`)} AND ${suspended === true ? 1 : 0}`;
  const ends = sql`${suspended === true ? 1 : 0} AND EXISTS (SELECT 1 FROM users u WHERE ${picked} AND u.suspended_at IS NULL)`;
  const changes = sql`${picked} AND ${free} AND (${renamed} IS NOT NULL OR u.suspended_at IS NOT ${suspendedAt})`;

  const {
    before: [before],
    taken,
    ending,
    withdrawn,
    renaming,
    after: [after],
  } = await permit.endingIf(ends).batch({
    before: selectUser(picked),
    taken: statement(
      sql`SELECT 1 FROM users WHERE tenant_id = ${tenantId} AND external_id = ${renamed}`,
    ),
    event: event(
      permit,
      {
        action: 'user.update',
        user: sql`u.id`,
        subject: sql`json_object('suspended', json(iif(${suspendedAt} IS NULL, 'false', 'true')), 'externalIdChanged', json(iif(${renamed} IS NULL, 'false', 'true')))`,
      },
      sql`FROM users u WHERE ${changes}`,
    ),
    ending: selectEnding(now, sessions),
    ...withdrawSessions(permit, 'session', sessions),
    // A name in a copy tells services whose data to show: it may soon be another's.
    renaming: withdrawLive(
      permit,
      'user',
      idOfUser(sql`${picked} AND ${free} AND ${renamed !== null && suspended !== true ? 1 : 0}`),
    ),
    ...(suspended === true ? { resets: voidResets(idOfUser(picked)) } : {}),
    update: statement(sql`
      UPDATE users AS u SET external_id = coalesce(${renamed}, u.external_id), suspended_at = ${suspendedAt} WHERE ${changes}`),
    after: statement<User>(sql`
      SELECT ${userColumns} FROM users u
      WHERE ${renamed === null ? picked : isUser(tenantId, { externalUser: { externalId: renamed } })}`),
  });
  refuseAny([
    ...(before ? [] : [unknownUser(identifier)]),
    ...(taken.length === 0
      ? []
      : [
          {
            code: 'CONFLICT' as const,
            path: ['newExternalId'],
            message: 'Another user has this externalId.',
          },
        ]),
  ]);
  if (!after) throw new Error('a user vanished within a batch');
  publishEnds(call, ending, withdrawn);
  publishWithdrawn(call, renaming);
  return { user: after };
}
