/** What a change sets of a user, and its guards: conditions over the user `u`. */
import { type SQL, sql } from 'drizzle-orm';
import type * as v from 'valibot';
import { mailboxOf } from '../../base/address.ts';
import { storedFold } from '../../base/fold.ts';
import { aliased, source, u, us } from '../../db/aliases.ts';
import { orElse } from '../../db/commit.ts';
import type { Guard } from '../../db/guards.ts';
import { users } from '../../db/schema.ts';
import { isAbove } from '../callers/superiors.ts';
import type { Permit } from '../permit.ts';
import { isLastAdministrator, lastAdministrator } from '../users/last-administrator.ts';
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

export type Wanted = ReturnType<typeof wantedOf>;

/** The folded new name. Undefined: the current one. */
export const foldOf = ({ name }: Given): string | null | undefined =>
  name === undefined ? undefined : storedFold(name);

/** A column after the change. */
export const after = (wanted: Wanted, name: keyof Wanted): SQL =>
  orElse(wanted[name], sql`${u[name]}`);

/** Whether the user gets another address. */
export const isMoved = (wanted: Wanted): SQL => sql`${after(wanted, 'email')} <> ${u.email}`;

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
