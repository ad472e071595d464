/** Changes a user, as far as the caller's level and stations allow. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, Refusal, refuseAny } from '../../base/faults.ts';
import { parseAll } from '../../base/parse-all.ts';
import { pw, s, source, u } from '../../db/aliases.ts';
import { event, sentFields } from '../../db/commit.ts';
import { returning, update } from '../../db/statements.ts';
import { complaintsOf, passes, selectVerdicts } from '../guards.ts';
import { endMinted, publishMintedEnds } from '../minted/end.ts';
import type { Permit } from '../permit.ts';
import { selectEnding, withdrawSessions } from '../sessions/end.ts';
import { publishEnds, publishUsers, publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import { levelOf, notFound, visibleStations } from '../stations/visibility.ts';
import { assignStations, hiddenStation, hiddenStationsIn, unassignOthers } from './assign.ts';
import { effectOf, foldOf, type Given, guardsOf, isLessened, isMoved, wantedOf } from './change.ts';
import {
  changedMember,
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
import { voidPasswords, voidResets } from './resets.ts';

export const updateMemberInput = v.partial(v.object({ ...memberFields, ...ending }));

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
  mayEmpower: boolean,
): Complaint[] {
  const { member_level_id: level = 4, station_ids: stationIds } = given;
  return [
    ...foreignCompany(permit, raw, given),
    ...(level < levelOf(permit) ? [levelAboveYou] : []),
    ...(stationIds === undefined || mayEmpower ? [] : [stationsNeedScopes]),
  ];
}

/** Parses the input. Throws a Refusal with all errors. */
async function parseUpdate(
  permit: Permit<'member.update'>,
  id: number,
  raw: unknown,
  mayEmpower: boolean,
): Promise<Given> {
  const { db, call } = permit;
  return parseAll(updateMemberInput, await readNumbers(call, raw), {
    judgedBy,
    known: (some) => faultsOf(permit, raw, some, mayEmpower),
    async stored(some) {
      const guards = guardsOf(permit, some, mayEmpower);
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
function endsOf(permit: Permit<'member.update'>, id: number, given: Given, allowed: SQL) {
  const { now, change } = permit;
  /** The user's id, if `when` holds before the change. */
  const before = (when: SQL) =>
    sql`(SELECT ${u.id} FROM ${source(u)} WHERE ${allowed} AND ${when})`;
  const moved = before(isMoved(wantedOf(given, now)));
  const leaving = given.status === 0 ? before(sql`1`) : moved;
  return {
    // Also for a user who was suspended before: copies may still exist.
    ending: selectEnding(now, sql`${s.userId} = ${leaving}`),
    ...withdrawSessions(permit, 'session', sql`${s.userId} = ${leaving}`),
    resets: voidResets(leaving),
    // A password that was set with a token sent to one address is not valid for another.
    password: voidPasswords(change, sql`${pw.userId} = ${moved}`),
    ...(given.end_minted === 1
      ? endMinted(permit, 'member', sql`${String(id)}`, sql`FROM ${source(u)} WHERE ${allowed}`)
      : {}),
    lessened: withdrawLive(permit, 'user', before(isLessened(permit, given))),
  };
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
  const given = await parseUpdate(permit, id, raw, mayEmpower);
  const { station_ids: stationIds } = given;
  const guards = guardsOf(permit, given, mayEmpower);
  const hidden = hiddenStationsIn(permit, stationIds ?? []);
  const allowed = sql`${picked} AND ${passes(guards)} AND NOT EXISTS (${hidden.sql})`;
  const { differs, ends } = effectOf(permit, given);
  const isChanged = sql`FROM ${source(u)} WHERE ${u.id} = ${id} AND ${u.changeId} = ${change}`;
  const changed = sql`(SELECT ${u.id} ${isChanged})`;

  const db = permit.endingIf(sql`EXISTS (SELECT 1 FROM ${source(u)} WHERE ${picked} AND ${ends})`);
  const results = await db.batch({
    verdicts: selectVerdicts(guards, sql`FROM ${source(u)} WHERE ${picked}`),
    hidden,
    ...endsOf(permit, id, given, allowed),
    update: returning(
      update(
        u,
        { ...wantedOf(given, now), nameFolded: foldOf(given), changeId: change },
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
  });
  if (results.verdicts.length === 0) throw new Refusal(notFound('user'));
  refuseAny([...complaintsOf(guards, results.verdicts), ...results.hidden.map(hiddenStation)]);
  const [row] = results.members;
  if (!row) throw new Error('a user vanished within a batch');
  publishEnds(call, results.ending, results.withdrawn);
  publishMintedEnds(call, results);
  if (results.lessened.length > 0) publishWithdrawn(call, results.lessened);
  else if (results.update.length > 0) publishUsers(call, [id]);
  return toMember(row);
}
