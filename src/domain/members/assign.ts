/** Assigns stations to users. */
import { type SQL, sql } from 'drizzle-orm';
import type { Complaint } from '../../base/faults.ts';
import { randomId } from '../../base/ids.ts';
import { aliased, source, st, u, us } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { userStations } from '../../db/schema.ts';
import { insert, onConflict, remove, select } from '../../db/statements.ts';
import { visibleStations } from '../callers/visibility.ts';
import type { Permit } from '../permit.ts';

/** The positions in a list of stations that the caller cannot see. */
export const hiddenStationsIn = (permit: Permit<string>, stationIds: number[]) =>
  select(
    { item: sql<number>`j.key` },
    sql`FROM json_each(${JSON.stringify(stationIds)}) j WHERE NOT EXISTS (
      SELECT 1 FROM ${source(st)} WHERE ${st.id} = j.value AND ${visibleStations(permit)})`,
  );

/** The complaint about a position from `hiddenStationsIn`. */
export const hiddenStation = ({ item }: { item: number }): Complaint => ({
  code: 'INVALID',
  path: ['station_ids', String(item)],
  message: `There is no such station, or you cannot see it: number ${item + 1} of the list.`,
});

/**
 * Assigns stations to the user whose id `userId` gives, if it gives one. Existing assignments stay.
 */
export const assignStations = (
  { now }: Permit<string>,
  userId: SQL,
  stationIds: number[],
): Statement =>
  insert(
    userStations,
    {
      ...{ userId: u.id, stationId: sql`j.value ->> 0`, id: sql`j.value ->> 1` },
      ...{ createdAt: now, updatedAt: now },
    },
    sql`FROM ${source(u)}, json_each(${JSON.stringify(stationIds.map((id) => [id, randomId()]))}) j
      JOIN ${source(st)} ON ${st.id} = j.value ->> 0 AND +${st.tenantId} = ${u.tenantId}
      WHERE ${u.id} = ${userId}
      ${onConflict(us.userId, us.stationId)} DO NOTHING`,
  );

const theirs = aliased(userStations, 'theirs');

/** The stations of a user that the caller sees and that `stationIds` does not name. */
const others = (permit: Permit<string>, userId: SQL, stationIds: number[]): SQL => sql`
  SELECT ${theirs.stationId} FROM ${source(theirs)}
  CROSS JOIN ${source(st)} ON ${st.id} = ${theirs.stationId}
  WHERE ${theirs.userId} = ${userId} AND ${visibleStations(permit)}
    AND ${theirs.stationId} NOT IN (
      SELECT j.value FROM json_each(${JSON.stringify(stationIds)}) j)`;

/** Whether the user `u` loses stations if `stationIds` are assigned. Undefined: all stay. */
export const loses = (permit: Permit<string>, stationIds: number[] | undefined): SQL =>
  stationIds ? sql`EXISTS (${others(permit, sql`${u.id}`, stationIds)})` : sql`0`;

/** Whether the user `u` gains stations if `stationIds` are assigned. */
export const gains = (stationIds: number[]): SQL => sql`EXISTS (
  SELECT 1 FROM json_each(${JSON.stringify(stationIds)}) j WHERE j.value NOT IN (
    SELECT ${theirs.stationId} FROM ${source(theirs)} WHERE ${theirs.userId} = ${u.id}))`;

/** Removes the assignments that the caller sees and that `stationIds` does not name. */
export const unassignOthers = (
  permit: Permit<string>,
  userId: SQL,
  stationIds: number[],
): Statement =>
  remove(
    us,
    sql`WHERE ${us.userId} = ${userId}
      AND ${us.stationId} IN (${others(permit, userId, stationIds)})`,
  );
