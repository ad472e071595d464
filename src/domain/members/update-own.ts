/** What members change of themselves. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, refuse, refuseAny, unauthenticated } from '../../base/faults.ts';
import { described } from '../../base/fields.ts';
import { storedFold } from '../../base/fold.ts';
import { parseAll } from '../../base/parse-all.ts';
import { hashPassword, isPassword } from '../../base/passwords.ts';
import type { InTurn } from '../../base/turns.ts';
import { event, orElse, sentFields } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { clear, complaintsOf, type Guard, judge } from '../guards.ts';
import type { Permit } from '../permit.ts';
import { selectEnding, withdrawSessions } from '../sessions/end.ts';
import { publishEnds } from '../sessions/publish.ts';
import { seen, userOf } from '../stations/sight.ts';
import { olderHash } from './address.ts';
import {
  fields,
  hasId,
  judgedBy,
  type Member,
  noNumber,
  noPhone,
  selectMembers,
  toMember,
} from './member.ts';
import { commonness, newPassword, readCommon, typedPassword } from './password.ts';
import { readNumbers } from './phone.ts';
import { voidResets } from './resets.ts';

const { name, sms, phone, alarm_email, alarm_sms, alarm_voice, timezone_pref_id } = fields;

export const updateOwnInput = v.partial(
  v.object({
    name,
    sms,
    phone,
    alarm_email,
    alarm_sms,
    alarm_voice,
    timezone_pref_id,
    password: described(newPassword, 'A new password. It ends your other sessions.'),
    old_password: described(typedPassword, 'Your password until now, with a new one.'),
  }),
);

const wrongPassword = () =>
  refuse('INVALID', ['old_password'], 'This is not your password until now.');

const oldPasswordMissing: Complaint = {
  code: 'INVALID',
  path: ['old_password'],
  message: 'A new password needs your password until now.',
};

type Given = v.InferOutput<typeof updateOwnInput>;

/** Where alarms go, of the user `u` as it is to be. */
const alarmsAfter = (given: Given) => ({
  sms: orElse(given.sms, sql`u.sms`),
  phone: orElse(given.phone, sql`u.phone`),
  alarmSms: orElse(given.alarm_sms, sql`u.alarm_sms`),
  alarmVoice: orElse(given.alarm_voice, sql`u.alarm_voice`),
});

const alarmsNeedNumbers = (after: ReturnType<typeof alarmsAfter>): Guard[] => [
  { when: sql`${after.alarmSms} = 1 AND ${after.sms} IS NULL`, complaint: noNumber },
  { when: sql`${after.alarmVoice} = 1 AND ${after.phone} IS NULL`, complaint: noPhone },
];

export async function updateOwn(
  permit: Permit<'member.updateOwn'>,
  raw: unknown,
  inTurn: InTurn,
): Promise<Member> {
  const { now, change, call } = permit;
  const id = userOf(permit) ?? 0;
  const picked = hasId(permit, id);
  const verdictsOn = (guards: Guard[]) => judge(guards, sql`FROM users u WHERE ${picked}`);
  const common = await readCommon(call, raw);
  const given = await parseAll(updateOwnInput, await readNumbers(call, raw), {
    judgedBy: { ...judgedBy, old_password: ['old_password'] },
    known: ({ password, old_password: typed }) => [
      ...commonness(password, common),
      ...(Object(raw).password !== undefined && typed === undefined ? [oldPasswordMissing] : []),
    ],
    async stored(some) {
      const guards = alarmsNeedNumbers(alarmsAfter(some));
      return complaintsOf(guards, await permit.db.read(verdictsOn(guards)));
    },
  });
  const session = 'session' in permit.caller ? permit.caller.session.id : '';

  let hash: string | null = null;
  let oldHash: string | null = null;
  const { password, old_password: typed } = given;
  if (password !== undefined && typed !== undefined) {
    const [stored] = await permit.db.read(
      statement<{ hash: string | null; older: string | null }>(sql`
        SELECT p.hash, ${olderHash} AS older
        FROM passwords p JOIN users u ON u.id = p.user_id WHERE p.user_id = ${id}`),
    );
    oldHash = stored?.hash ?? null;
    const like = stored?.older ?? oldHash;
    hash = await inTurn(async (pause) => {
      if (!(await isPassword(typed, oldHash, pause))) throw wrongPassword();
      // Salt and parameters are the address's.
      return hashPassword(password, like, pause);
    });
  }

  const after = alarmsAfter(given);
  const guards: Guard[] = [
    ...alarmsNeedNumbers(after),
    {
      when: sql`${hash === null ? 0 : 1} AND NOT EXISTS (SELECT 1 FROM passwords WHERE user_id = u.id AND hash = ${oldHash})`,
      complaint: wrongPassword().complaints[0],
    },
  ];
  const columns = sql`u.name, u.sms, u.phone, u.alarm_email, u.alarm_sms, u.alarm_voice, u.timezone_pref_id`;
  const values = sql`${orElse(given.name, sql`u.name`)}, ${after.sms}, ${after.phone},
    ${orElse(given.alarm_email, sql`u.alarm_email`)}, ${after.alarmSms}, ${after.alarmVoice},
    ${orElse(given.timezone_pref_id, sql`u.timezone_pref_id`)}`;
  const nameFolded = given.name === undefined ? sql`u.name_folded` : sql`${storedFold(given.name)}`;
  const differs = sql`(${hash === null ? 0 : 1} OR (${columns}) IS NOT (${values}))`;
  const changed = sql`(SELECT id FROM users WHERE id = ${id} AND change_id = ${change})`;
  const others = sql`s.user_id = ${changed} AND s.id <> ${session} AND ${hash === null ? 0 : 1}`;
  // Other sessions end with a new password.
  const db = permit.endingIf(sql`${hash === null ? 0 : 1}`);
  const { verdicts, members, ending, withdrawn } = await db.batch({
    verdicts: verdictsOn(guards),
    update: statement(sql`
      UPDATE users AS u SET (name, sms, phone, alarm_email, alarm_sms, alarm_voice, timezone_pref_id, name_folded, change_id)
        = (${values}, ${nameFolded}, ${change})
      WHERE ${picked} AND ${clear(guards)} AND ${differs}`),
    password: statement(sql`
      UPDATE passwords SET hash = ${hash}, reset_required = 0,
        change_id = ${change}
      WHERE user_id = ${changed} AND ${hash === null ? 0 : 1}`),
    ...(hash === null ? {} : { resets: voidResets(changed) }),
    event: event(
      permit,
      {
        action: permit.action,
        user: sql`u.id`,
        fields: sentFields(raw, given),
      },
      sql`FROM users u WHERE u.id = ${changed}`,
    ),
    ending: selectEnding(now, others),
    ...withdrawSessions(permit, 'session', others),
    members: selectMembers(picked, seen(permit)),
  });
  refuseAny(complaintsOf(guards, verdicts));
  const [row] = members;
  if (!row) throw unauthenticated(true);
  publishEnds(call, ending, withdrawn);
  return toMember(row);
}
