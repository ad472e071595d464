/** Erasing what a tenant has in the field, and who may see it. */
import { sql } from 'drizzle-orm';
import { statement } from '../../db/connect.ts';

/** For a tenant that is removed: its stations stand in people's gardens. */
export function erasure(tenantId: number) {
  const users = sql`(SELECT id FROM users WHERE tenant_id = ${tenantId})`;
  const stations = sql`(SELECT id FROM stations WHERE tenant_id = ${tenantId})`;
  return {
    userPasswords: statement(sql`DELETE FROM passwords WHERE user_id IN ${users}`),
    ...removeStations(stations),
    projects: statement(sql`DELETE FROM projects WHERE tenant_id = ${tenantId}`),
  };
}

/** What removes the stations whose ids `ids`, a list or a query in brackets, gives. */
export const removeStations = (ids: ReturnType<typeof sql>) => ({
  channels: statement(
    sql`DELETE FROM channels WHERE sensor_id IN (SELECT id FROM sensors WHERE station_id IN ${ids})`,
  ),
  sensors: statement(sql`DELETE FROM sensors WHERE station_id IN ${ids}`),
  userStations: statement(sql`DELETE FROM user_stations WHERE station_id IN ${ids}`),
  stations: statement(sql`DELETE FROM stations WHERE id IN ${ids}`),
});
