/** Changing a user, as far as one's own level and sight reach. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, Refusal, refuseAny } from '../../base/faults.ts';
import { storedFold } from '../../base/fold.ts';
import { parseAll } from '../../base/parse-all.ts';
import { event, orElse, sentFields } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { clear, complaintsOf, type Guard, judge } from '../guards.ts';
import { announce, endMinted } from '../made/end.ts';
import type { Permit } from '../permit.ts';
import { selectEnding, withdrawSessions } from '../sessions/end.ts';
import { publishEnds, publishUsers, publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import { levelOf, seen, unknown } from '../stations/sight.ts';
import { assign, loses, unassignOthers, unseenIn, unseenStation } from './assign.ts';
import { isLastHead, lastHead, notOneself } from './heads.ts';
import {
  changedMember,
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
  userAboveYou,
} from './member.ts';
import { readNumbers } from './phone.ts';
import { ending } from './remove.ts';
import { voidPasswords, voidResets } from './resets.ts';

export const updateMemberInput = v.partial(v.object({ ...fields, ...ending }));
type Given = v.InferOutput<typeof updateMemberInput>;

const stationsNeedScopes: Complaint = {
  code: 'FORBIDDEN',
  path: ['station_ids'],
  message: 'Changing stations needs a key with users:* and stations:*.',
};

/** Each column `u` as it is to be: what was given, or what it was. */
function columnsAfter(given: Given, now: number) {
  return {
    email: orElse(given.email?.key, sql`u.email`),
    address: orElse(given.email?.given, sql`u.address`),
    level: orElse(given.member_level_id, sql`u.member_level`),
    name: orElse(given.name, sql`u.name`),
    nameFolded: given.name === undefined ? sql`u.name_folded` : sql`${storedFold(given.name)}`,
    sms: orElse(given.sms, sql`u.sms`),
    phone: orElse(given.phone, sql`u.phone`),
    alarmEmail: orElse(given.alarm_email, sql`u.alarm_email`),
    alarmSms: orElse(given.alarm_sms, sql`u.alarm_sms`),
    alarmVoice: orElse(given.alarm_voice, sql`u.alarm_voice`),
    timeZonePreference: orElse(given.timezone_pref_id, sql`u.timezone_pref_id`),
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
    { when: sql`${after.alarmVoice} = 1 AND ${after.phone} IS NULL`, complaint: noPhone },
    {
      when: sql`${after.alarmEmail} = 1 AND ${after.email} IS NULL`,
      complaint: {
        code: 'INVALID',
        path: ['alarm_email'],
        message: 'An end user has no e-mail address here.',
      },
    },
    { when: sql`${after.level} = 1 AND ${stationsAfter}`, complaint: levelOneSeesAll },
    ...(given.end_minted === 1 ? [notOneself(permit)] : []),
    lastHead(permit, sql`${isLastHead} AND ${after.email} <> u.email`, 'email'),
    lastHead(
      permit,
      sql`${isLastHead} AND (${after.level} <> 1 OR ${after.suspendedAt} IS NOT NULL)`,
      given.status === 0 ? 'status' : 'member_level_id',
    ),
  ];
}

/** Conditions over the user `u`: whether it would be another than before, and whether it would lose something and gain nothing. */
function effectOf(permit: Permit<'member.update'>, given: Given): { differ: SQL; ends: SQL } {
  const { station_ids: stationIds, status } = given;
  const after = columnsAfter(given, permit.now);
  const list = sql`json_each(${JSON.stringify(stationIds ?? [])}) j`;
  const assigned = sql`SELECT us.station_id FROM user_stations us WHERE us.user_id = u.id`;
  const gains = sql`EXISTS (SELECT 1 FROM ${list} WHERE j.value NOT IN (${assigned}))`;
  const loses = sql`EXISTS (
    SELECT 1 FROM user_stations us CROSS JOIN stations st ON st.id = us.station_id
    WHERE us.user_id = u.id AND ${seen(permit)} AND us.station_id NOT IN (SELECT j.value FROM ${list}) AND ${stationIds ? 1 : 0})`;
  const isMoved = sql`coalesce(${after.email} <> u.email, 0)`;
  /** What a change of the address ends: it can do so once. */
  const hasAccess = sql`(EXISTS (SELECT 1 FROM passwords p WHERE p.user_id = u.id AND p.hash IS NOT NULL)
    OR EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = u.id AND s.revoked_at IS NULL))`;
  return {
    differ: sql`((u.email, u.address, u.member_level, u.name, u.sms, u.phone, u.alarm_email, u.alarm_sms, u.alarm_voice,
          u.timezone_pref_id, u.suspended_at)
        IS NOT (${after.email}, ${after.address}, ${after.level}, ${after.name}, ${after.sms}, ${after.phone}, ${after.alarmEmail},
          ${after.alarmSms}, ${after.alarmVoice}, ${after.timeZonePreference}, ${after.suspendedAt})
      OR ${gains} OR ${loses})`,
    ends: sql`(${loses} OR ${given.end_minted ?? 0} OR ${isMoved} AND ${hasAccess} OR coalesce(${after.level} > u.member_level, 0) OR ${status === 0 ? 1 : 0} AND u.suspended_at IS NULL)
      AND NOT (${gains} OR coalesce(${after.level} < u.member_level, 0) OR ${status === 1 ? 1 : 0} AND u.suspended_at IS NOT NULL)`,
  };
}

/** What is wrong in itself. */
function faultsOf(
  permit: Permit<'member.update'>,
  raw: unknown,
  given: Given,
  mayEmpower: boolean,
): Complaint[] {
  const { member_level_id: level = 4, station_ids: stationIds } = given;
  return [
    ...foreignCompany(permit, raw, given),
    ...(level < levelOf(permit) ? [levelAboveYou] : []),
    ...(stationIds === undefined || mayEmpower ? [] : [stationsNeedScopes]),
  ];
}

/** `mayEmpower`: whether the caller may raise levels and change stations. */
export async function updateMember(
  permit: Permit<'member.update'>,
  id: number,
  raw: unknown,
  mayEmpower: boolean,
): Promise<Member> {
  const { now, change, call } = permit;
  const picked = hasId(permit, id);
  const verdictsOn = (guards: Guard[]) => judge(guards, sql`FROM users u WHERE ${picked}`);
  const given = await parseAll(updateMemberInput, await readNumbers(call, raw), {
    judgedBy,
    known: (some) => faultsOf(permit, raw, some, mayEmpower),
    async stored(some) {
      const guards = guardsOf(permit, some, mayEmpower);
      const unseen = unseenIn(permit, JSON.stringify(some.station_ids ?? []));
      const [verdicts, stations] = await Promise.all([
        permit.db.read(verdictsOn(guards)),
        permit.db.read(statement<{ item: number }>(unseen)),
      ]);
      return [
        ...complaintsOf(guards, verdicts),
        ...stations.map(({ item }) => unseenStation(item)),
      ];
    },
  });
  const { station_ids: stationIds } = given;
  const guards = guardsOf(permit, given, mayEmpower);
  const unseen = unseenIn(permit, JSON.stringify(stationIds ?? []));
  const after = columnsAfter(given, now);
  const allowed = sql`${picked} AND ${clear(guards)} AND NOT EXISTS (${unseen})`;
  const { differ, ends } = effectOf(permit, given);
  /** The user's id, once this call has changed it. */
  const changed = sql`(SELECT id FROM users WHERE id = ${id} AND change_id = ${change})`;
  /** The user's id before that, where it is to be changed and `when` holds. */
  const before = (when: SQL) => sql`(SELECT u.id FROM users u WHERE ${allowed} AND ${when})`;
  const isMoved = sql`${after.email} <> u.email`;
  const leaving = before(given.status === 0 ? sql`1` : isMoved);

  const db = permit.endingIf(sql`EXISTS (SELECT 1 FROM users u WHERE ${picked} AND ${ends})`);
  const results = await db.batch({
    verdicts: verdictsOn(guards),
    unseen: statement<{ item: number }>(unseen),
    // Also of one who was suspended before: the copies may be there yet.
    ending: selectEnding(now, sql`s.user_id = ${leaving}`),
    ...withdrawSessions(permit, 'session', sql`s.user_id = ${leaving}`),
    resets: voidResets(leaving),
    // What was set by a token that was sent to one address is no password of another.
    password: voidPasswords(change, sql`pw.user_id = ${before(isMoved)}`),
    ...(given.end_minted === 1
      ? endMinted(permit, 'member', sql`${String(id)}`, sql`FROM users u WHERE ${allowed}`)
      : {}),
    lessened: withdrawLive(
      permit,
      'user',
      before(sql`(coalesce(u.member_level < ${after.level}, 0) OR ${loses(permit, stationIds)})`),
    ),
    update: statement<{ id: number }>(sql`
      UPDATE users AS u SET email = ${after.email}, address = ${after.address}, member_level = ${after.level},
        name = ${after.name}, name_folded = ${after.nameFolded}, sms = ${after.sms}, phone = ${after.phone},
        alarm_email = ${after.alarmEmail}, alarm_sms = ${after.alarmSms}, alarm_voice = ${after.alarmVoice},
        timezone_pref_id = ${after.timeZonePreference}, suspended_at = ${after.suspendedAt}, change_id = ${change}
      WHERE ${allowed} AND ${differ} RETURNING id`),
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
        fields: sentFields(raw, given),
        subject: changedMember(sql`u.suspended_at IS NOT NULL`),
      },
      sql`FROM users u WHERE u.id = ${changed}`,
    ),
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
  announce(call, results);
  if (results.lessened.length > 0) publishWithdrawn(call, results.lessened);
  else if (results.update.length > 0) publishUsers(call, [id]);
  return toMember(row);
}
