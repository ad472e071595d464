/** Removes a station with its sensors and channels. */
import { sql } from 'drizzle-orm';
import { Refusal } from '../../base/faults.ts';
import { source, st, us } from '../../db/aliases.ts';
import { update } from '../../db/statements.ts';
import { notFound, visibleStations } from '../callers/visibility.ts';
import type { Permit } from '../permit.ts';
import { publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import { removeStations } from './erase.ts';
import { type Station, selectStations, stationEvent } from './station.ts';

/**
 * Removes a station and returns it as it was. Throws NOT_FOUND for a station that the caller does
 * not see.
 */
export async function removeStation(
  permit: Permit<'station.remove'>,
  id: number,
): Promise<Station> {
  const { change, db } = permit;
  const picked = sql`${st.id} = ${id} AND ${visibleStations(permit)}`;
  const {
    removed: [station],
    withdrawn,
  } = await db.batch({
    removed: selectStations(picked),
    withdrawn: withdrawLive(
      permit,
      'station',
      sql`SELECT ${us.userId} FROM ${source(us)} WHERE ${us.stationId} IN (
        SELECT ${st.id} FROM ${source(st)} WHERE ${picked})`,
    ),
    event: stationEvent(permit, picked),
    // Marked first: the caller's own assignment is deleted with the station, after which it would
    // not be visible any more.
    mark: update(st, { changeId: change }, sql`WHERE ${picked}`),
    ...removeStations(
      sql`(
        SELECT ${st.id} FROM ${source(st)}
        WHERE ${st.id} = ${id} AND ${st.changeId} = ${change})`,
    ),
  });
  if (!station) throw new Refusal(notFound('station'));
  publishWithdrawn(permit.call, withdrawn);
  return station;
}
