/** Members change their own data. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, refuse, refuseAny, unauthenticated } from '../../base/faults.ts';
import { described } from '../../base/fields.ts';
import { parseAll } from '../../base/parse-all.ts';
import { hashPassword, isPassword } from '../../base/passwords.ts';
import type { InTurn } from '../../base/wait-queue.ts';
import { pw, s, source, u } from '../../db/aliases.ts';
import { event, sentFields } from '../../db/commit.ts';
import { complaintsOf, type Guard, passes, selectVerdicts } from '../../db/guards.ts';
import { differ, select, update } from '../../db/statements.ts';
import { callerUserId } from '../callers/level.ts';
import { visibleStations } from '../callers/visibility.ts';
import { passwordSet } from '../mail/letters.ts';
import { recipientsIn, tell } from '../mail/recipient.ts';
import { commonness, newPassword, readCommon, typedPassword } from '../passwords/password.ts';
import { voidResets } from '../passwords/void.ts';
import type { Permit } from '../permit.ts';
import { withdrawAll } from '../sessions/end.ts';
import { endSupportBy, publishSupportEnds } from '../sessions/end-support.ts';
import { publishEnds } from '../sessions/publish.ts';
import { olderHash } from './address-salt.ts';
import { alarmsNeedNumbers, foldOf, wantedOf } from './change.ts';
import { hasId, judgedBy, type Member, memberFields, selectMembers, toMember } from './member.ts';
import { readNumbers } from './phone.ts';

const { name, sms, phone, alarm_email, alarm_sms, alarm_voice, timezone_pref_id } = memberFields;

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
    old_password: described(typedPassword, 'Your current password. Required with a new one.'),
  }),
);

const wrongPassword = () =>
  refuse('INVALID', ['old_password'], 'This is not your current password.');

const oldPasswordMissing: Complaint = {
  code: 'INVALID',
  path: ['old_password'],
  message: 'A new password needs your current password.',
};

type Given = v.InferOutput<typeof updateOwnInput>;

/** Parses the input. Throws a Refusal with all errors. */
async function parseOwn(permit: Permit<'member.updateOwn'>, id: number, raw: unknown) {
  const { call, db, now } = permit;
  const common = await readCommon(call, raw);
  return parseAll(updateOwnInput, await readNumbers(call, raw), {
    judgedBy: { ...judgedBy, old_password: ['old_password'] },
    known: ({ password, old_password: typed }) => [
      ...commonness(password, common),
      ...(Object(raw).password !== undefined && typed === undefined ? [oldPasswordMissing] : []),
    ],
    async stored(some) {
      const guards = alarmsNeedNumbers(wantedOf(some, now));
      const verdicts = selectVerdicts(guards, sql`FROM ${source(u)} WHERE ${hasId(permit, id)}`);
      return complaintsOf(guards, await db.read(verdicts));
    },
  });
}

/** The hash of the new password, if there is one, and the hash of the current one. */
async function hashesOf(
  { db }: Permit<'member.updateOwn'>,
  id: number,
  { password, old_password: typed }: Given,
  inTurn: InTurn,
): Promise<{ hash: string; oldHash: string | null } | null> {
  if (password === undefined || typed === undefined) return null;
  const [stored] = await db.read(
    select(
      { hash: pw.hash, older: olderHash },
      sql`FROM ${source(pw)} JOIN ${source(u)} ON ${u.id} = ${pw.userId}
        WHERE ${pw.userId} = ${id}`,
    ),
  );
  const oldHash = stored?.hash ?? null;
  const like = stored?.older ?? oldHash;
  const hash = await inTurn(async (pause) => {
    if (!(await isPassword(typed, oldHash, pause))) throw wrongPassword();
    // Salt and parameters belong to the address.
    return hashPassword(password, like, pause);
  });
  return { hash, oldHash };
}

/** Refuses the change if the password was changed since it was compared. */
const unlessHash = (hash: string | null): Guard => ({
  when: sql`NOT EXISTS (
    SELECT 1 FROM ${source(pw)} WHERE ${pw.userId} = ${u.id} AND ${pw.hash} = ${hash})`,
  complaint: wrongPassword().complaints[0],
});

/**
 * Changes the caller's own account. Fields that are left out stay. A new password ends the other
 * sessions, and is hashed `inTurn`. Throws INVALID for a wrong old password.
 */
export async function updateOwn(
  permit: Permit<'member.updateOwn'>,
  raw: unknown,
  inTurn: InTurn,
): Promise<Member> {
  const { now, change, call } = permit;
  const id = callerUserId(permit) ?? 0;
  const picked = hasId(permit, id);
  const given = await parseOwn(permit, id, raw);
  const hashes = await hashesOf(permit, id, given, inTurn);
  const session = 'session' in permit.caller ? permit.caller.session.id : '';

  const wanted = wantedOf(given, now);
  const guards = [...alarmsNeedNumbers(wanted), ...(hashes ? [unlessHash(hashes.oldHash)] : [])];
  const isPasswordNew = sql`${hashes ? 1 : 0}`;
  const isChanged = sql`FROM ${source(u)} WHERE ${u.id} = ${id} AND ${u.changeId} = ${change}`;
  const changed = sql`(SELECT ${u.id} ${isChanged})`;
  const others = sql`${s.userId} = ${changed} AND ${s.id} <> ${session} AND ${isPasswordNew}`;
  // A new password ends the other sessions, and the support sessions that they may have opened.
  const { verdicts, members, ending, withdrawn, recipients, ...support } = await permit
    .endingIf(isPasswordNew)
    .batch({
      verdicts: selectVerdicts(guards, sql`FROM ${source(u)} WHERE ${picked}`),
      update: update(
        u,
        { ...wanted, nameFolded: foldOf(given), changeId: change },
        sql`WHERE ${picked} AND ${passes(guards)} AND (${isPasswordNew} OR ${differ(u, wanted)})`,
      ),
      ...(hashes && {
        password: update(
          pw,
          { hash: hashes.hash, resetRequired: 0, changeId: change },
          sql`WHERE ${pw.userId} = ${changed}`,
        ),
        resets: voidResets(changed),
        ...endSupportBy(permit, changed),
        ...recipientsIn(call, changed),
      }),
      event: event(
        permit,
        { action: permit.action, user: sql`${u.id}`, fields: sentFields(raw, given) },
        isChanged,
      ),
      ...withdrawAll(permit, others),
      members: selectMembers(picked, visibleStations(permit)),
    });
  refuseAny(complaintsOf(guards, verdicts));
  const [row] = members;
  if (!row) throw unauthenticated(true);
  publishEnds(call, ending, withdrawn);
  publishSupportEnds(call, support);
  tell(call, passwordSet, recipients);
  return toMember(row);
}
