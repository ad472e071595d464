/** Which stations a user sees. */
import { type SQL, sql } from 'drizzle-orm';
import type { Complaint } from '../../base/faults.ts';
import { randomId } from '../../base/ids.ts';
import { type Statement, statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import { seen } from '../stations/sight.ts';

/** The positions in a list of stations, as JSON, that name none which the caller sees. */
export const unseenIn = (permit: Permit<string>, list: string): SQL =>
  sql`SELECT j.key AS item FROM json_each(${list}) j
    WHERE NOT EXISTS (SELECT 1 FROM stations st WHERE st.id = j.value AND ${seen(permit)})`;

export const unseenStation = (item: number): Complaint => ({
  code: 'INVALID',
  path: ['station_ids', String(item)],
  message: `There is no such station, or you cannot see it: number ${item + 1} of the list.`,
});

/** Assigns stations to the user with the id that `userId` gives, where it gives one; what is assigned already stays as it is. */
export const assign = ({ now }: Permit<string>, userId: SQL, stationIds: number[]): Statement =>
  statement(sql`
    INSERT INTO user_stations (user_id, station_id, id, created_at, updated_at)
    SELECT u.id, j.value ->> 0, j.value ->> 1, ${now}, ${now}
    FROM users u, json_each(${JSON.stringify(stationIds.map((id) => [id, randomId()]))}) j
    JOIN stations st ON st.id = j.value ->> 0 AND +st.tenant_id = u.tenant_id
    WHERE u.id = ${userId}
    ON CONFLICT (user_id, station_id) DO NOTHING`);

/** The stations of the user with the id that `userId` gives which the caller sees and `stationIds` does not name. */
const others = (permit: Permit<string>, userId: SQL, stationIds: number[]): SQL => sql`
  SELECT us.station_id FROM user_stations us CROSS JOIN stations st ON st.id = us.station_id
  WHERE us.user_id = ${userId} AND ${seen(permit)}
    AND us.station_id NOT IN (SELECT j.value FROM json_each(${JSON.stringify(stationIds)}) j)`;

/** Whether the user `u` has stations that go when `stationIds` are assigned; undefined: all stay. */
export const loses = (permit: Permit<string>, stationIds: number[] | undefined): SQL =>
  stationIds ? sql`EXISTS (${others(permit, sql`u.id`, stationIds)})` : sql`0`;

/** Takes away the stations that the caller sees and `stationIds` does not name. */
export const unassignOthers = (
  permit: Permit<string>,
  userId: SQL,
  stationIds: number[],
): Statement =>
  statement(sql`
    DELETE FROM user_stations WHERE user_id = ${userId} AND station_id IN (${others(permit, userId, stationIds)})`);
