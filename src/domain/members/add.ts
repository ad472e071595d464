/**
 * Creates a member. The member can sign in once a password is set with a reset token, which goes to
 * them by mail, if this deployment sends mail.
 */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, refuseAny, unauthenticated } from '../../base/faults.ts';
import { storedFold } from '../../base/fold.ts';
import { randomId } from '../../base/ids.ts';
import { parseAll } from '../../base/parse-all.ts';
import { source, t, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { users } from '../../db/schema.ts';
import { insert, select } from '../../db/statements.ts';
import { capOf } from '../callers/cap.ts';
import { levelOf } from '../callers/level.ts';
import { makerOf } from '../callers/maker.ts';
import { visibleStations } from '../callers/visibility.ts';
import { idOfUser } from '../entities/user.ts';
import { invitation } from '../mail/letters.ts';
import { recipientsIn } from '../mail/recipient.ts';
import type { Permit } from '../permit.ts';
import { assignStations, hiddenStation, hiddenStationsIn } from './assign.ts';
import {
  emailTaken,
  foreignCompany,
  hasId,
  judgedBy,
  levelAboveYou,
  levelOneSeesAll,
  type Member,
  memberFields,
  noNumber,
  noPhone,
  selectMembers,
  toMember,
} from './member.ts';
import { readNumbers } from './phone.ts';
import { handOver, INVITATION_MS, insertReset } from './resets.ts';

export const addMemberInput = v.object({
  ...memberFields,
  alarm_voice: v.optional(memberFields.alarm_voice, 0),
  timezone_pref_id: v.optional(memberFields.timezone_pref_id, 3),
});

type Given = v.InferOutput<typeof addMemberInput>;

/** Errors that do not depend on stored data. */
function faultsOf(permit: Permit<'member.add'>, raw: unknown, given: Partial<Given>): Complaint[] {
  const { member_level_id: level = 4, station_ids: stationIds = [] } = given;
  return [
    ...foreignCompany(permit, raw, given),
    ...(level < levelOf(permit) ? [levelAboveYou] : []),
    ...(level === 1 && stationIds.length > 0 ? [levelOneSeesAll] : []),
    ...(given.alarm_sms === 1 && given.sms == null ? [noNumber] : []),
    ...(given.alarm_voice === 1 && given.phone == null ? [noPhone] : []),
  ];
}

/** Conflicts with stored data. */
function obstaclesOf(permit: Permit<'member.add'>, given: Partial<Given>) {
  const { email, station_ids: stationIds = [] } = given;
  const key = email?.key ?? null;
  const taken = select(
    { id: u.id },
    sql`FROM ${source(u)} WHERE ${u.tenantId} = ${permit.tenantId} AND ${u.email} = ${key}`,
  );
  const hidden = hiddenStationsIn(permit, stationIds);
  return {
    taken,
    hidden,
    complaintsOf: (rows: { taken: unknown[]; hidden: { item: number }[] }): Complaint[] => [
      ...(rows.taken.length > 0 ? [emailTaken] : []),
      ...rows.hidden.map(hiddenStation),
    ],
  };
}

/** What invites the member with this id, who must be active: a reset token. None without mail. */
async function invitationOf(permit: Permit<'member.add'>, id: number) {
  const { call, now } = permit;
  if (!call.mail) return { invited: undefined, statements: {} };
  const invited = await call.issuer.issue('rst');
  const isActive = sql`${u.id} = ${id} AND ${u.suspendedAt} IS NULL`;
  const reset = insertReset(permit, invited, sql`${now + INVITATION_MS}`, isActive);
  return { invited, statements: { reset, ...recipientsIn(call, idOfUser(isActive)) } };
}

export interface Added {
  member: Member;
  mailed: boolean;
  /** If mail is sent, but could not be to this member: for the caller to hand over. */
  resetToken?: string;
}

/**
 * Adds a member, and invites them by mail. Throws CONFLICT if another user has the address,
 * FORBIDDEN for a level above the caller's.
 */
export async function addMember(permit: Permit<'member.add'>, raw: unknown): Promise<Added> {
  const { tenantId, now, change, db } = permit;
  const given = await parseAll(addMemberInput, await readNumbers(permit.call, raw), {
    judgedBy,
    known: (some) => faultsOf(permit, raw, some),
    async stored(some) {
      const { taken, hidden, complaintsOf } = obstaclesOf(permit, some);
      const [emails, stations] = await Promise.all([db.read(taken), db.read(hidden)]);
      return complaintsOf({ taken: emails, hidden: stations });
    },
  });
  const { email, station_ids: stationIds, sms = null, phone = null, ...rest } = given;
  const id = randomId();
  const { taken, hidden, complaintsOf } = obstaclesOf(permit, given);
  const { invited, statements } = await invitationOf(permit, id);
  const results = await db.batch({
    taken,
    hidden,
    insertion: insert(
      users,
      {
        ...{ id, tenantId: t.id, email: email.key, address: email.given, name: rest.name },
        ...{ memberLevel: rest.member_level_id, nameFolded: storedFold(rest.name), sms, phone },
        ...{ alarmEmail: rest.alarm_email, alarmSms: rest.alarm_sms, alarmVoice: rest.alarm_voice },
        ...{ timezonePrefId: rest.timezone_pref_id, createdAt: now, changeId: change },
        ...{ suspendedAt: rest.status === 1 ? null : now, ...makerOf(permit) },
        cap: capOf(permit),
      },
      sql`FROM ${source(t)} WHERE ${t.id} = ${tenantId} AND ${t.removedAt} IS NULL
        AND NOT EXISTS (${taken.sql}) AND NOT EXISTS (${hidden.sql})`,
    ),
    event: event(
      permit,
      {
        ...{ action: permit.action, user: id },
        subject: { stationIds },
      },
      sql`FROM ${source(u)} WHERE ${u.id} = ${id}`,
    ),
    assignment: assignStations(permit, sql`${id}`, stationIds),
    members: selectMembers(hasId(permit, id), visibleStations(permit)),
    ...statements,
  });
  refuseAny(complaintsOf(results));
  const [row] = results.members;
  // Only a removed tenant accepts no members. Its key stays cached for some seconds.
  if (!row) throw unauthenticated(true);
  const [recipient] = ('recipients' in results ? results.recipients : undefined) ?? [];
  return {
    member: toMember(row),
    ...(invited && recipient
      ? await handOver(permit, invited, recipient, invitation)
      : { mailed: false }),
  };
}
