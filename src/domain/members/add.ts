/** Creating a member, who signs in once a password is set: by a reset token. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, refuseAny, unauthenticated } from '../../base/faults.ts';
import { storedFold } from '../../base/fold.ts';
import { randomId } from '../../base/ids.ts';
import { parseAll } from '../../base/parse-all.ts';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { makerOf } from '../made/maker.ts';
import type { Permit } from '../permit.ts';
import { levelOf, seen } from '../stations/sight.ts';
import { assign, unseenIn, unseenStation } from './assign.ts';
import {
  emailTaken,
  fields,
  foreignCompany,
  hasId,
  judgedBy,
  levelAboveYou,
  levelOneSeesAll,
  type Member,
  noNumber,
  noPhone,
  selectMembers,
  toMember,
} from './member.ts';
import { readNumbers } from './phone.ts';

export const addMemberInput = v.object({
  ...fields,
  alarm_voice: v.optional(fields.alarm_voice, 0),
  timezone_pref_id: v.optional(fields.timezone_pref_id, 3),
});

type Given = v.InferOutput<typeof addMemberInput>;

/** What is wrong in itself. */
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

/** What is there, or is not, stands in the way. */
function obstaclesOf(permit: Permit<'member.add'>, given: Partial<Given>) {
  const { email, station_ids: stationIds = [] } = given;
  const key = email?.key ?? null;
  const taken = sql`SELECT 1 FROM users WHERE tenant_id = ${permit.tenantId} AND email = ${key}`;
  const unseen = unseenIn(permit, JSON.stringify(stationIds));
  return {
    taken,
    unseen,
    complaintsOf: (rows: { taken: unknown[]; unseen: { item: number }[] }): Complaint[] => [
      ...(rows.taken.length > 0 ? [emailTaken] : []),
      ...rows.unseen.map(({ item }) => unseenStation(item)),
    ],
  };
}

export async function addMember(permit: Permit<'member.add'>, raw: unknown): Promise<Member> {
  const { tenantId, now, change, db } = permit;
  const given = await parseAll(addMemberInput, await readNumbers(permit.call, raw), {
    judgedBy,
    known: (some) => faultsOf(permit, raw, some),
    async stored(some) {
      const { taken, unseen, complaintsOf } = obstaclesOf(permit, some);
      const [emails, stations] = await Promise.all([
        db.read(statement(taken)),
        db.read(statement<{ item: number }>(unseen)),
      ]);
      return complaintsOf({ taken: emails, unseen: stations });
    },
  });
  const { station_ids: stationIds, member_level_id: level, sms = null, phone = null } = given;
  const { key, given: address } = given.email;

  const id = randomId();
  const { madeBy, madeByUser } = makerOf(permit);
  const { taken, unseen, complaintsOf } = obstaclesOf(permit, given);
  const results = await db.batch({
    taken: statement(taken),
    unseen: statement<{ item: number }>(unseen),
    insertion: statement(sql`
      INSERT INTO users (id, tenant_id, email, address, member_level, name, name_folded, sms, phone, alarm_email, alarm_sms,
        alarm_voice, timezone_pref_id, created_at, suspended_at, change_id, made_by, made_by_user)
      SELECT ${id}, id, ${key}, ${address}, ${level}, ${given.name}, ${storedFold(given.name)}, ${sms}, ${phone},
        ${given.alarm_email}, ${given.alarm_sms}, ${given.alarm_voice}, ${given.timezone_pref_id}, ${now},
        ${given.status === 1 ? null : now}, ${change}, ${madeBy}, ${madeByUser}
      FROM tenants WHERE id = ${tenantId} AND removed_at IS NULL AND NOT EXISTS (${taken}) AND NOT EXISTS (${unseen})`),
    event: event(
      permit,
      {
        action: permit.action,
        user: id,
        subject: sql`json_object('stationIds', json(${JSON.stringify(stationIds)}))`,
      },
      sql`FROM users WHERE id = ${id}`,
    ),
    assignment: assign(permit, sql`${id}`, stationIds),
    members: selectMembers(hasId(permit, id), seen(permit)),
  });
  refuseAny(complaintsOf(results));
  const [row] = results.members;
  // Only a removed tenant takes no members; its key is remembered for some seconds more.
  if (!row) throw unauthenticated(true);
  return toMember(row);
}
