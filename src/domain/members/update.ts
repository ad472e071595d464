/** Changing a user, as far as one's own level and sight reach. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal, refuseAny } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { event, orElse } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { clear, complaintsOf, type Guard, judge } from '../guards.ts';
import type { Permit } from '../permit.ts';
import { selectEnding, withdrawSessions } from '../sessions/end.ts';
import { publishEnds, publishUsers, publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import { levelOf, seen, unknown } from '../stations/sight.ts';
import { assign, loses, unassignOthers, unseenIn, unseenStation } from './assign.ts';
import { isLastHead, lastHead } from './heads.ts';
import {
  emailTaken,
  fields,
  foreignCompany,
  hasId,
  levelAboveYou,
  levelOneSeesAll,
  type Member,
  noNumber,
  selectMembers,
  toMember,
  userAboveYou,
} from './member.ts';
import { voidResets } from './resets.ts';

export const updateMemberInput = v.partial(v.object(fields));
type Given = v.InferOutput<typeof updateMemberInput>;

/** Each column `u` as it is to be: what was given, or what it was. */
function columnsAfter(given: Given, now: number) {
  return {
    email: orElse(given.email, sql`u.email`),
    level: orElse(given.member_level_id, sql`u.member_level`),
    name: orElse(given.name, sql`u.name`),
    sms: orElse(given.sms, sql`u.sms`),
    phone: orElse(given.phone, sql`u.phone`),
    alarmEmail: orElse(given.alarm_email, sql`u.alarm_email`),
    alarmSms: orElse(given.alarm_sms, sql`u.alarm_sms`),
    suspendedAt:
      given.status === undefined
        ? sql`u.suspended_at`
        : given.status === 1
          ? sql`NULL`
          : sql`coalesce(u.suspended_at, ${now})`,
  };
}

function guardsOf(permit: Permit<'member.update'>, given: Given, mayEmpower: boolean): Guard[] {
  const after = columnsAfter(given, permit.now);
  const onlyForMembers = (field: 'email' | 'member_level_id'): Guard => ({
    when: sql`${given[field] === undefined ? 0 : 1} AND u.member_level IS NULL`,
    complaint: { code: 'INVALID', path: [field], message: 'An end user has none.' },
  });
  const stationsAfter =
    given.station_ids === undefined
      ? sql`EXISTS (SELECT 1 FROM user_stations WHERE user_id = u.id)`
      : sql`${given.station_ids.length > 0 ? 1 : 0}`;
  return [
    { when: sql`u.member_level < ${levelOf(permit)}`, complaint: userAboveYou },
    {
      when: sql`${mayEmpower ? 0 : 1} AND ${after.level} < u.member_level`,
      complaint: {
        code: 'FORBIDDEN',
        path: ['member_level_id'],
        message: 'Raising a level needs a key with users:* and stations:*.',
      },
    },
    {
      when: sql`${mayEmpower || given.status !== 1 ? 0 : 1} AND u.member_level IS NOT NULL AND u.suspended_at IS NOT NULL`,
      complaint: {
        code: 'FORBIDDEN',
        path: ['status'],
        message: 'Restoring a member needs a key with users:* and stations:*.',
      },
    },
    onlyForMembers('email'),
    onlyForMembers('member_level_id'),
    {
      when: sql`${after.email} <> u.email AND EXISTS (
        SELECT 1 FROM users o WHERE o.tenant_id = u.tenant_id AND o.email = ${after.email})`,
      complaint: emailTaken,
    },
    { when: sql`${after.alarmSms} = 1 AND ${after.sms} IS NULL`, complaint: noNumber },
    {
      when: sql`${after.alarmEmail} = 1 AND ${after.email} IS NULL`,
      complaint: {
        code: 'INVALID',
        path: ['alarm_email'],
        message: 'An end user has no e-mail address here.',
      },
    },
    { when: sql`${after.level} = 1 AND ${stationsAfter}`, complaint: levelOneSeesAll },
    lastHead(
      permit,
      sql`${isLastHead} AND (${after.level} <> 1 OR ${after.suspendedAt} IS NOT NULL)`,
      given.status === 0 ? 'status' : 'member_level_id',
    ),
  ];
}

/** `mayEmpower`: whether the caller may raise levels and change stations. */
export async function updateMember(
  permit: Permit<'member.update'>,
  id: number,
  raw: unknown,
  mayEmpower: boolean,
): Promise<Member> {
  const given = parse(updateMemberInput, raw);
  const { tenantId, now, change, db, call } = permit;
  const { station_ids: stationIds, company_id: company = tenantId } = given;
  refuseAny([
    ...(company === tenantId ? [] : [foreignCompany]),
    ...((given.member_level_id ?? 4) < levelOf(permit) ? [levelAboveYou] : []),
    ...(stationIds === undefined || mayEmpower
      ? []
      : [
          {
            code: 'FORBIDDEN' as const,
            path: ['station_ids'],
            message: 'Changing stations needs a key with users:* and stations:*.',
          },
        ]),
  ]);

  const picked = hasId(permit, id);
  const guards = guardsOf(permit, given, mayEmpower);
  const unseen = unseenIn(permit, JSON.stringify(stationIds ?? []));
  const after = columnsAfter(given, now);
  /** The user's id, once this call has changed it. */
  const changed = sql`(SELECT id FROM users WHERE id = ${id} AND change_id = ${change})`;
  const suspension = sql`s.user_id = ${changed} AND ${given.status === 0 ? 1 : 0}`;

  const results = await db.batch({
    verdicts: judge(guards, sql`FROM users u WHERE ${picked}`),
    unseen: statement<{ item: number }>(unseen),
    // Who signs in by another address is not there before whoever did so already.
    address: statement(sql`
      UPDATE passwords SET first_set_at = ${now} WHERE hash IS NOT NULL AND user_id = (
        SELECT u.id FROM users u WHERE ${picked} AND ${clear(guards)} AND NOT EXISTS (${unseen}) AND u.email <> ${after.email})`),
    lessened: withdrawLive(
      permit,
      'user',
      sql`SELECT u.id FROM users u WHERE ${picked} AND ${clear(guards)} AND NOT EXISTS (${unseen})
        AND ${given.status === 0 ? 0 : 1} AND (u.email <> ${after.email} OR u.member_level < ${after.level} OR ${loses(permit, stationIds)})`,
    ),
    update: statement(sql`
      UPDATE users AS u SET email = ${after.email}, member_level = ${after.level}, name = ${after.name}, sms = ${after.sms},
        phone = ${after.phone}, alarm_email = ${after.alarmEmail}, alarm_sms = ${after.alarmSms},
        suspended_at = ${after.suspendedAt}, change_id = ${change}
      WHERE ${picked} AND ${clear(guards)} AND NOT EXISTS (${unseen})`),
    ...(stationIds === undefined
      ? {}
      : {
          withdrawal: unassignOthers(permit, changed, stationIds),
          assignment: assign(permit, changed, stationIds),
        }),
    event: event(
      permit,
      {
        action: permit.action,
        user: sql`u.id`,
        subject: sql`json_object('fields', json(${JSON.stringify(Object.keys(given))}),
          'suspended', json(iif(u.suspended_at IS NULL, 'false', 'true')),
          'stationIds', (SELECT json_group_array(station_id) FROM user_stations WHERE user_id = u.id))`,
      },
      sql`FROM users u WHERE u.id = ${changed}`,
    ),
    ending: selectEnding(now, suspension),
    ...withdrawSessions(permit, 'session', suspension),
    ...(given.status === 0 ? { resets: voidResets(permit, changed) } : {}),
    members: selectMembers(picked, seen(permit)),
  });
  if (results.verdicts.length === 0) throw new Refusal(unknown('user'));
  refuseAny([
    ...complaintsOf(guards, results.verdicts),
    ...results.unseen.map(({ item }) => unseenStation(item)),
  ]);
  const [row] = results.members;
  if (!row) throw new Error('a user vanished within a batch');
  publishEnds(call, results.ending, results.withdrawn);
  if (results.lessened.length > 0) publishWithdrawn(call, results.lessened);
  else publishUsers(call, [id]);
  return toMember(row);
}
