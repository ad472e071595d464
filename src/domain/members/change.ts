/** The effects and guards of a change to a user: conditions over the user `u`. */
import { type SQL, sql } from 'drizzle-orm';
import type * as v from 'valibot';
import { mailboxOf } from '../../base/address.ts';
import { storedFold } from '../../base/fold.ts';
import { aliased, s, source, u, us } from '../../db/aliases.ts';
import { orElse } from '../../db/commit.ts';
import type { Guard } from '../../db/guards.ts';
import { users } from '../../db/schema.ts';
import { differ } from '../../db/statements.ts';
import { isAbove } from '../callers/superiors.ts';
import { hasPassword } from '../passwords/void.ts';
import type { Permit } from '../permit.ts';
import { isLastAdministrator, lastAdministrator } from '../users/last-administrator.ts';
import { gains, loses } from './assign.ts';
import {
  emailTaken,
  levelOneSeesAll,
  type memberFields,
  noNumber,
  noPhone,
  notOneself,
  userAboveYou,
} from './member.ts';

type Fields = {
  [Name in keyof typeof memberFields]?: v.InferOutput<(typeof memberFields)[Name]> | undefined;
};

export interface Given extends Fields {
  end_minted?: 0 | 1 | undefined;
}

/** The new values of a user's columns. Undefined: the current value. */
export const wantedOf = (given: Given, now: number) => ({
  ...{ email: given.email?.key, address: given.email?.given, memberLevel: given.member_level_id },
  ...{ name: given.name, sms: given.sms, phone: given.phone },
  ...{ alarmEmail: given.alarm_email, alarmSms: given.alarm_sms, alarmVoice: given.alarm_voice },
  timezonePrefId: given.timezone_pref_id,
  suspendedAt:
    given.status === undefined
      ? undefined
      : given.status === 1
        ? null
        : sql`coalesce(${u.suspendedAt}, ${now})`,
});

type Wanted = ReturnType<typeof wantedOf>;

/** The folded new name. Undefined: the current one. */
export const foldOf = ({ name }: Given): string | null | undefined =>
  name === undefined ? undefined : storedFold(name);

/** A column after the change. */
const after = (wanted: Wanted, name: keyof Wanted): SQL => orElse(wanted[name], sql`${u[name]}`);

const isMoved = (wanted: Wanted): SQL => sql`${after(wanted, 'email')} <> ${u.email}`;

/** Alarms by SMS or voice need a number. */
export const alarmsNeedNumbers = (wanted: Wanted): Guard[] => [
  {
    when: sql`${after(wanted, 'alarmSms')} = 1 AND ${after(wanted, 'sms')} IS NULL`,
    complaint: noNumber,
  },
  {
    when: sql`${after(wanted, 'alarmVoice')} = 1 AND ${after(wanted, 'phone')} IS NULL`,
    complaint: noPhone,
  },
];

const onlyForMembers = (given: Given, field: 'email' | 'member_level_id'): Guard => ({
  when: sql`${given[field] === undefined ? 0 : 1} AND ${u.memberLevel} IS NULL`,
  complaint: { code: 'INVALID', path: [field], message: 'An end user has none.' },
});

/** Whether a new password can be asked for by mail to the new address. */
const canBeMailed = ({ call }: Permit<'member.update'>, { email }: Given): boolean =>
  call.mail !== undefined && email !== undefined && mailboxOf(email) !== null;

/**
 * A caller that may not raise levels may not restore members either, nor lead the mails of one to
 * another inbox: whoever reads them can set a password.
 */
const needsPower = (
  permit: Permit<'member.update'>,
  empower: Permit<'member.empower'> | undefined,
  given: Given,
  wanted: Wanted,
): Guard[] => [
  {
    when: sql`${empower ? 0 : 1} AND ${after(wanted, 'memberLevel')} < ${u.memberLevel}`,
    complaint: {
      code: 'FORBIDDEN',
      path: ['member_level_id'],
      message: 'Raising a level needs a key with users:* and stations:*.',
    },
  },
  {
    when: sql`${empower || given.status !== 1 ? 0 : 1}
      AND ${u.memberLevel} IS NOT NULL AND ${u.suspendedAt} IS NOT NULL`,
    complaint: {
      code: 'FORBIDDEN',
      path: ['status'],
      message: 'Restoring a member needs a key with users:* and stations:*.',
    },
  },
  {
    when: sql`${empower || !canBeMailed(permit, given) ? 0 : 1} AND ${isMoved(wanted)}`,
    complaint: {
      code: 'FORBIDDEN',
      path: ['email'],
      message: 'Changing the address of a member needs a key with users:* and stations:*.',
    },
  },
];

const other = aliased(users, 'other');

/** Guards on how address, alarms, level and stations of a user fit together. */
function coherence(wanted: Wanted, { station_ids: stationIds }: Given): Guard[] {
  const hasStations =
    stationIds === undefined
      ? sql`EXISTS (SELECT 1 FROM ${source(us)} WHERE ${us.userId} = ${u.id})`
      : sql`${stationIds.length > 0 ? 1 : 0}`;
  return [
    {
      when: sql`${isMoved(wanted)} AND EXISTS (SELECT 1 FROM ${source(other)}
        WHERE ${other.tenantId} = ${u.tenantId} AND ${other.email} = ${after(wanted, 'email')})`,
      complaint: emailTaken,
    },
    ...alarmsNeedNumbers(wanted),
    {
      when: sql`${after(wanted, 'alarmEmail')} = 1 AND ${after(wanted, 'email')} IS NULL`,
      complaint: {
        code: 'INVALID',
        path: ['alarm_email'],
        message: 'An end user has no e-mail address here.',
      },
    },
    {
      when: sql`${after(wanted, 'memberLevel')} = 1 AND ${hasStations}`,
      complaint: levelOneSeesAll,
    },
  ];
}

/**
 * The guards of a change, in the order in which they are reported. `empower`: undefined if the
 * caller may not raise levels.
 */
export function guardsOf(
  permit: Permit<'member.update'>,
  empower: Permit<'member.empower'> | undefined,
  given: Given,
  wanted: Wanted,
): Guard[] {
  const leaves = sql`(${after(wanted, 'memberLevel')} <> 1
    OR ${after(wanted, 'suspendedAt')} IS NOT NULL)`;
  return [
    { when: isAbove(permit), complaint: userAboveYou },
    ...needsPower(permit, empower, given, wanted),
    onlyForMembers(given, 'email'),
    onlyForMembers(given, 'member_level_id'),
    ...coherence(wanted, given),
    ...(given.end_minted === 1 ? [notOneself(permit)] : []),
    ...(canBeMailed(permit, given)
      ? []
      : [lastAdministrator(permit, sql`${isLastAdministrator} AND ${isMoved(wanted)}`, 'email')]),
    lastAdministrator(
      permit,
      sql`${isLastAdministrator} AND ${leaves}`,
      given.status === 0 ? 'status' : 'member_level_id',
    ),
  ];
}

/** Whether the user has a password or sessions, which a change of the address would end. */
const hasAccess = sql`(
  ${hasPassword(u.id)}
  OR EXISTS (SELECT 1 FROM ${source(s)} WHERE ${s.userId} = ${u.id} AND ${s.revokedAt} IS NULL))`;

/** The effect of a change on a user. */
export interface Change {
  wanted: Wanted;
  /** Whether the user gets another address. */
  isMoved: SQL;
  /** Whether the user sees less after the change: a lower level, or fewer stations. */
  isLessened: SQL;
  /** Whether the change alters anything. */
  differs: SQL;
  /** Whether the user only loses something, and gains nothing. */
  ends: SQL;
}

/** What a change of a member comes to, as conditions on its row `u`. */
export function changeOf(permit: Permit<'member.update'>, given: Given): Change {
  const { station_ids: stationIds, status, end_minted: andMinted = 0 } = given;
  const wanted = wantedOf(given, permit.now);
  const lost = loses(permit, stationIds);
  const gained = gains(stationIds ?? []);
  const level = after(wanted, 'memberLevel');
  const moved = isMoved(wanted);
  const isLessened = sql`(coalesce(${u.memberLevel} < ${level}, 0) OR ${lost})`;
  return {
    ...{ wanted, isMoved: moved, isLessened },
    differs: sql`(${differ(u, wanted)} OR ${gained} OR ${lost})`,
    ends: sql`(${isLessened} OR ${andMinted}
        OR coalesce(${moved}, 0) AND ${hasAccess}
        OR ${status === 0 ? 1 : 0} AND ${u.suspendedAt} IS NULL)
      AND NOT (${gained} OR coalesce(${level} < ${u.memberLevel}, 0)
        OR ${status === 1 ? 1 : 0} AND ${u.suspendedAt} IS NOT NULL)`,
  };
}
