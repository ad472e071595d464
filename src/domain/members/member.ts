/**
 * The user as the company's staff see it: a member, or an end user to whom they assign stations.
 */

import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { adviceOnAddress, readAddress } from '../../base/address.ts';
import type { Complaint } from '../../base/faults.ts';
import { described, flag, id, integer, list, string } from '../../base/fields.ts';
import { pw, source, st, u, us } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import type { Guard } from '../../db/guards.ts';
import { listed, type RowOf, select } from '../../db/statements.ts';
import { callerUserId } from '../callers/level.ts';
import { aboveYou } from '../callers/superiors.ts';
import { type Level, shownEmail } from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { olderHash } from './address-salt.ts';
import { phone } from './phone.ts';

/** The assignment of a station to a user. */
const assignment = {
  ...{ id: us.id, stationId: us.stationId, createdAt: us.createdAt, updatedAt: us.updatedAt },
};
export interface Assignment extends RowOf<typeof assignment> {
  stationName: string;
}

const columns = {
  id: u.id,
  /** Null for members. */
  externalId: u.externalId,
  /** Both null for end users. */
  email: sql<string | null>`${shownEmail}`,
  level: sql<Level | null>`${u.memberLevel}`,
  ...{ name: u.name, sms: u.sms, phone: u.phone },
  ...{ alarmEmail: u.alarmEmail, alarmSms: u.alarmSms, alarmVoice: u.alarmVoice },
  ...{ timeZonePreference: u.timezonePrefId, suspendedAt: u.suspendedAt },
  requirePasswordReset: sql<0 | 1>`coalesce((
    SELECT ${pw.resetRequired} OR ${olderHash} IS NOT NULL
    FROM ${source(pw)} WHERE ${pw.userId} = ${u.id}), 1)`,
};

export interface Member extends RowOf<typeof columns> {
  /** Only the stations that the caller sees. */
  stations: Assignment[];
}

export type MemberRow = Omit<Member, 'stations'> & { stations: string };

/** The stations of the user `u` that are `visible`, as a JSON list. */
const stationsIn = (visible: SQL) => sql<string>`(
  SELECT json_group_array(json_array(id, stationId, createdAt, updatedAt, name)) FROM (
    SELECT ${listed(assignment)}, ${st.name} AS name
    FROM ${source(us)} JOIN ${source(st)} ON ${st.id} = ${us.stationId}
    WHERE ${us.userId} = ${u.id} AND ${visible} ORDER BY ${us.stationId}))`;

/**
 * The users `u` that fit, with those of their stations `st` that are `visible`. `rest` may order
 * and limit.
 */
export const selectMembers = (fits: SQL, visible: SQL, rest = sql``): Statement<MemberRow> =>
  select(
    { ...columns, stations: stationsIn(visible) },
    sql`FROM ${source(u)} WHERE ${fits} ${rest}`,
  );

/** The member in a row of `selectMembers`. */
export function toMember({ stations, ...rest }: MemberRow): Member {
  const assigned = JSON.parse(stations) as [number, number, number, number, string][];
  return {
    ...rest,
    stations: assigned.map(([id, stationId, createdAt, updatedAt, stationName]) => ({
      id,
      stationId,
      stationName,
      createdAt,
      updatedAt,
    })),
  };
}

/** The condition for the user `u` with this id: of the tenant, and not removed. */
export const hasId = ({ tenantId }: Permit<string>, id: number): SQL =>
  sql`${u.id} = ${id} AND ${u.tenantId} = ${tenantId} AND ${u.removedAt} IS NULL`;

/** The most stations in a list. */
export const MAX_STATIONS = 500;

const email = v.pipe(
  string(3, 254),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const address = readAddress(value);
    if (address) return address;
    const advice = adviceOnAddress(value);
    addIssue({ message: `Must be an e-mail address, such as "ada@example.com".${advice}` });
    return NEVER;
  }),
);

/** Named as the company API names them. */
export const memberFields = {
  alarm_email: described(flag, 'Whether alarms are sent by e-mail.', 1),
  alarm_sms: described(flag, 'Whether alarms are sent to the number in `sms`.', 0),
  alarm_voice: described(flag, 'Whether alarms are sent by a call to the number in `phone`.', 0),
  company_id: described(v.optional(id), 'Your own company’s id. It may be left out.'),
  email: described(
    email,
    'Any that RFC 5321 and RFC 6531 allow, compared without case and with the domain in its ' +
      'ASCII form; unique in the company.',
    'ada@example.com',
  ),
  member_level_id: described(
    integer(1, 4),
    'What the user may do: 1 everything, 2 users, projects and stations, 3 stations, 4 only read.',
    2,
  ),
  name: described(string(1, 100), 'The user’s name.', 'Ada Lovelace'),
  sms: described(v.nullish(phone), 'Where alarms are sent by SMS.'),
  phone: described(v.nullish(phone), 'Where the user can be called.'),
  station_ids: described(
    list(id, MAX_STATIONS),
    'The stations that the user sees. Empty for level 1, which sees all.',
    [],
  ),
  timezone_pref_id: described(
    integer(1, 3),
    'The time zone in which the user sees times: 1 UTC, 2 the user’s own, 3 the station’s.',
    3,
  ),
  status: described(flag, '0 ends the user’s sessions at once and prevents new ones.', 1),
};

/** The complaint about a `company_id` that is not the caller's own company, valid id or not. */
export function foreignCompany(
  { tenantId }: Permit<string>,
  raw: unknown,
  { company_id: company }: { company_id?: number | undefined },
): Complaint[] {
  if (Object(raw).company_id === undefined || company === tenantId) return [];
  const message = `Must be your own company’s id: ${tenantId}.`;
  return [{ code: 'INVALID', path: ['company_id'], message }];
}

export const emailTaken: Complaint = {
  code: 'CONFLICT',
  path: ['email'],
  message: 'Another user of your company has this e-mail address.',
};
export const levelAboveYou: Complaint = {
  code: 'FORBIDDEN',
  path: ['member_level_id'],
  message: 'This is above your own level.',
};
export const userAboveYou = aboveYou('id');
export const noNumber: Complaint = {
  code: 'INVALID',
  path: ['alarm_sms'],
  message: 'Alarms by SMS need a number in "sms".',
};
export const noPhone: Complaint = {
  code: 'INVALID',
  path: ['alarm_voice'],
  message: 'Alarms by voice need a number in "phone".',
};
export const levelOneSeesAll: Complaint = {
  code: 'INVALID',
  path: ['station_ids'],
  message: 'Must be empty for level 1, which sees all stations.',
};

/**
 * Refuses members that end what they made themselves: those who would be left to administer might
 * end too.
 */
export const notOneself = (permit: Permit<string>): Guard => ({
  when: sql`${u.id} = ${callerUserId(permit)}`,
  complaint: {
    code: 'FORBIDDEN',
    path: ['end_minted'],
    message: 'This is you. Another member, or a key, must end what you made.',
  },
});

/** A field is not judged while one of the fields listed here is invalid. */
export const judgedBy = {
  alarm_email: ['email'],
  alarm_sms: ['sms'],
  alarm_voice: ['phone'],
  station_ids: ['member_level_id', 'station_ids'],
};
