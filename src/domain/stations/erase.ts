/** Deletes what belongs to a station. */
import { type SQL, sql } from 'drizzle-orm';
import { ch, se, source, st, us } from '../../db/aliases.ts';
import { remove } from '../../db/statements.ts';

/** Removes the stations in `ids`, a list or a query in brackets. */
export const removeStations = (ids: SQL) => ({
  channels: remove(
    ch,
    sql`WHERE ${ch.sensorId} IN (
      SELECT ${se.id} FROM ${source(se)} WHERE ${se.stationId} IN ${ids})`,
  ),
  sensors: remove(se, sql`WHERE ${se.stationId} IN ${ids}`),
  userStations: remove(us, sql`WHERE ${us.stationId} IN ${ids}`),
  stations: remove(st, sql`WHERE ${st.id} IN ${ids}`),
});
