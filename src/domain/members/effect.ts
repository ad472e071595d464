/** What a change of a user comes to: conditions over the user `u`. */
import { type SQL, sql } from 'drizzle-orm';
import { s, source, u } from '../../db/aliases.ts';
import { differ } from '../../db/statements.ts';
import { capAfter } from '../callers/cap.ts';
import { hasPassword } from '../passwords/void.ts';
import type { Permit } from '../permit.ts';
import { gains, loses } from './assign.ts';
import { after, type Given, isMoved, type Wanted, wantedOf } from './change.ts';

/** Whether the user has a password or sessions, which a change of the address would end. */
const hasAccess = sql`(
  ${hasPassword(u.id)}
  OR EXISTS (SELECT 1 FROM ${source(s)} WHERE ${s.userId} = ${u.id} AND ${s.revokedAt} IS NULL))`;

/** The effect of a change on a user. */
export interface Change {
  wanted: Wanted;
  /** The cap of the user after the change. */
  cap: SQL;
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
  const raised = sql`coalesce(${level} < ${u.memberLevel}, 0)`;
  const restored = sql`${status === 1 ? 1 : 0} AND ${u.suspendedAt} IS NOT NULL`;
  const isLessened = sql`(coalesce(${u.memberLevel} < ${level}, 0) OR ${lost})`;
  return {
    ...{ wanted, isMoved: moved, isLessened },
    cap: capAfter(permit, sql`${raised} OR ${moved}`, restored),
    differs: sql`(${differ(u, wanted)} OR ${gained} OR ${lost})`,
    ends: sql`(${isLessened} OR ${andMinted}
        OR coalesce(${moved}, 0) AND ${hasAccess}
        OR ${status === 0 ? 1 : 0} AND ${u.suspendedAt} IS NULL)
      AND NOT (${gained} OR ${raised} OR ${restored})`,
  };
}
