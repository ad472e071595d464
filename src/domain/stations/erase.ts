/** What goes with a station. */
import { type SQL, sql } from 'drizzle-orm';
import { statement } from '../../db/connect.ts';

/** What removes the stations whose ids `ids`, a list or a query in brackets, gives. */
export const removeStations = (ids: SQL) => ({
  channels: statement(
    sql`DELETE FROM channels WHERE sensor_id IN (SELECT id FROM sensors WHERE station_id IN ${ids})`,
  ),
  sensors: statement(sql`DELETE FROM sensors WHERE station_id IN ${ids}`),
  userStations: statement(sql`DELETE FROM user_stations WHERE station_id IN ${ids}`),
  stations: statement(sql`DELETE FROM stations WHERE id IN ${ids}`),
});
