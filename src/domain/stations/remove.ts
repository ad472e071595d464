/** Taking a station down, with its sensors and channels. */
import { sql } from 'drizzle-orm';
import { Refusal } from '../../base/faults.ts';
import { statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import { publishWithdrawn } from '../sessions/publish.ts';
import { withdrawLive } from '../sessions/withdrawals.ts';
import { removeStations } from './erase.ts';
import { seen, unknown } from './sight.ts';
import { type Station, selectStations, stationEvent } from './station.ts';

/** The station as it was. */
export async function removeStation(
  permit: Permit<'station.remove'>,
  id: number,
): Promise<Station> {
  const picked = sql`st.id = ${id} AND ${seen(permit)}`;
  const {
    removed: [station],
    withdrawn,
  } = await permit.db.batch({
    removed: selectStations(picked),
    withdrawn: withdrawLive(
      permit,
      'station',
      sql`SELECT user_id FROM user_stations WHERE station_id IN (SELECT st.id FROM stations st WHERE ${picked})`,
    ),
    event: stationEvent(permit, picked),
    // The caller's own assignment goes with the station: what is seen is decided once.
    mark: statement(sql`UPDATE stations AS st SET change_id = ${permit.change} WHERE ${picked}`),
    ...removeStations(
      sql`(SELECT id FROM stations WHERE id = ${id} AND change_id = ${permit.change})`,
    ),
  });
  if (!station) throw new Refusal(unknown('station'));
  publishWithdrawn(permit.call, withdrawn);
  return station;
}
