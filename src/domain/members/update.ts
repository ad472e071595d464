/** Changes a user, as far as the caller's level and stations allow. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, Refusal, refuseAny } from '../../base/faults.ts';
import { parseAll } from '../../base/parse-all.ts';
import { pw, s, source, u } from '../../db/aliases.ts';
import { event, sentFields } from '../../db/commit.ts';
import { complaintsOf, passes, selectVerdicts } from '../../db/guards.ts';
import { returning, update } from '../../db/statements.ts';
import { levelOf } from '../callers/level.ts';
import { notFound, visibleStations } from '../callers/visibility.ts';
import { endMinted, publishMintedEnds } from '../endings/end.ts';
import { SUPPORT_LEVEL } from '../entities/support.ts';
import { changedMember } from '../entities/user.ts';
import { addressChanged } from '../mail/letters.ts';
import { recipientsIn, tell } from '../mail/recipient.ts';
import { voidPasskeys } from '../passkeys/void.ts';
import { voidPasswords, voidResets } from '../passwords/void.ts';
import type { Permit } from '../permit.ts';
import { withdrawAll } from '../sessions/end.ts';
import { endSupportBy, publishSupportEnds } from '../sessions/end-support.ts';
import { publishEnds, publishUsers, publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import { assignStations, hiddenStation, hiddenStationsIn, unassignOthers } from './assign.ts';
import { foldOf, type Given, guardsOf, wantedOf } from './change.ts';
import { type Change, changeOf } from './effect.ts';
import { type Made, selectMade } from './made.ts';
import {
  foreignCompany,
  hasId,
  judgedBy,
  levelAboveYou,
  type Member,
  memberFields,
  selectMembers,
  toMember,
} from './member.ts';
import { readNumbers } from './phone.ts';
import { ending } from './remove.ts';

export const updateMemberInput = v.partial(v.object({ ...memberFields, ...ending }));

/** For raising levels and changing stations. Undefined if the caller may do neither. */
type Empower = Permit<'member.empower'> | undefined;

const stationsNeedScopes: Complaint = {
  code: 'FORBIDDEN',
  path: ['station_ids'],
  message: 'Changing stations needs a key with users:* and stations:*.',
};

/** Errors that do not depend on stored data. */
function faultsOf(
  permit: Permit<'member.update'>,
  raw: unknown,
  given: Given,
  empower: Empower,
): Complaint[] {
  const { member_level_id: level = 4, station_ids: stationIds } = given;
  return [
    ...foreignCompany(permit, raw, given),
    ...(level < levelOf(permit) ? [levelAboveYou] : []),
    ...(stationIds === undefined || empower ? [] : [stationsNeedScopes]),
  ];
}

/** Parses the input. Throws a Refusal with all errors. */
async function parseUpdate(
  permit: Permit<'member.update'>,
  empower: Empower,
  id: number,
  raw: unknown,
): Promise<Given> {
  const { db, call } = permit;
  return parseAll(updateMemberInput, await readNumbers(call, raw), {
    judgedBy,
    known: (some) => faultsOf(permit, raw, some, empower),
    async stored(some) {
      const guards = guardsOf(permit, empower, some, wantedOf(some, permit.now));
      const [verdicts, hidden] = await Promise.all([
        db.read(selectVerdicts(guards, sql`FROM ${source(u)} WHERE ${hasId(permit, id)}`)),
        db.read(hiddenStationsIn(permit, some.station_ids ?? [])),
      ]);
      return [...complaintsOf(guards, verdicts), ...hidden.map(hiddenStation)];
    },
  });
}

/**
 * What ends with the change of the user with this id, if it is `allowed`. Stands before the change.
 */
function endsOf(
  permit: Permit<'member.update'>,
  id: number,
  given: Given,
  { isMoved, isLessened }: Change,
  allowed: SQL,
) {
  const { change } = permit;
  /** The user's id, if `when` holds before the change. */
  const before = (when: SQL) =>
    sql`(SELECT ${u.id} FROM ${source(u)} WHERE ${allowed} AND ${when})`;
  const moved = before(isMoved);
  const leaving = given.status === 0 ? before(sql`1`) : moved;
  const { status, end_minted: andMinted, member_level_id: level = 1 } = given;
  const endsSupport = status === 0 || andMinted === 1 || level > SUPPORT_LEVEL;
  return {
    ...recipientsIn(permit.call, moved),
    // Also for a user who was suspended before: copies may still exist.
    ...withdrawAll(permit, sql`${s.userId} = ${leaving}`),
    resets: voidResets(leaving),
    // A password that was set with a token sent to one address is not valid for another.
    password: voidPasswords(change, sql`${pw.userId} = ${moved}`),
    ...voidPasskeys(moved),
    ...(given.end_minted === 1
      ? endMinted(permit, 'member', sql`${String(id)}`, sql`FROM ${source(u)} WHERE ${allowed}`)
      : {}),
    ...endSupportBy(permit, before(endsSupport ? sql`1` : isMoved)),
    lessened: withdrawLive(permit, 'user', before(isLessened)),
  };
}

/**
 * Changes a user. Fields that are left out stay. Returns the user, and what the user made that goes
 * on. `empower`: undefined if the caller may neither raise levels nor change stations. Throws
 * NOT_FOUND for a user that the caller does not see, FORBIDDEN for a user above the caller or the
 * last administrator, CONFLICT if another user has the address.
 */
export async function updateMember(
  permit: Permit<'member.update'>,
  empower: Empower,
  id: number,
  raw: unknown,
): Promise<{ member: Member; made: Made }> {
  const { change, call } = permit;
  const picked = hasId(permit, id);
  const given = await parseUpdate(permit, empower, id, raw);
  const { station_ids: stationIds } = given;
  const planned = changeOf(permit, given);
  const { wanted, cap, differs, ends } = planned;
  const guards = guardsOf(permit, empower, given, wanted);
  const hidden = hiddenStationsIn(permit, stationIds ?? []);
  const allowed = sql`${picked} AND ${passes(guards)} AND NOT EXISTS (${hidden.sql})`;
  const isChanged = sql`FROM ${source(u)} WHERE ${u.id} = ${id} AND ${u.changeId} = ${change}`;
  const changed = sql`(SELECT ${u.id} ${isChanged})`;

  const db = permit.endingIf(sql`EXISTS (SELECT 1 FROM ${source(u)} WHERE ${picked} AND ${ends})`);
  const results = await db.batch({
    verdicts: selectVerdicts(guards, sql`FROM ${source(u)} WHERE ${picked}`),
    hidden,
    ...endsOf(permit, id, given, planned, allowed),
    update: returning(
      update(
        u,
        { ...wanted, cap, nameFolded: foldOf(given), changeId: change },
        sql`WHERE ${allowed} AND ${differs}`,
      ),
      { id: u.id },
    ),
    ...(stationIds === undefined
      ? {}
      : {
          withdrawal: unassignOthers(permit, changed, stationIds),
          assignment: assignStations(permit, changed, stationIds),
        }),
    event: event(
      permit,
      {
        ...{ action: permit.action, user: sql`${u.id}`, fields: sentFields(raw, given) },
        subject: changedMember(sql`${u.suspendedAt} IS NOT NULL`),
      },
      isChanged,
    ),
    members: selectMembers(picked, visibleStations(permit)),
    ...selectMade(permit, id),
  });
  if (results.verdicts.length === 0) throw new Refusal(notFound('user'));
  refuseAny([...complaintsOf(guards, results.verdicts), ...results.hidden.map(hiddenStation)]);
  const [row] = results.members;
  if (!row) throw new Error('a user vanished within a batch');
  publishEnds(call, results.ending, results.withdrawn);
  publishSupportEnds(call, results);
  publishMintedEnds(call, results);
  tell(call, addressChanged, results.recipients);
  if (results.lessened.length > 0) publishWithdrawn(call, results.lessened);
  else if (results.update.length > 0) publishUsers(call, [id]);
  return { member: toMember(row), made: results };
}
