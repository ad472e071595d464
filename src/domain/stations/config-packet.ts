/**
 * Everything that the caller sees in the field, in one response, from which clients build their
 * tables.
 */
import { sql } from 'drizzle-orm';
import { ch, pr, se, source, st } from '../../db/aliases.ts';
import { visibleProjects, visibleStations } from '../callers/visibility.ts';
import type { Permit } from '../permit.ts';
import { type Channel, selectChannels } from './channels.ts';
import { type Project, selectProjects } from './projects.ts';
import { type Sensor, selectSensors } from './sensors.ts';
import { type Station, selectStations } from './station.ts';
import { type Unit, units } from './units.ts';

export interface ConfigPacket {
  projects: (Project & {
    stations: (Station & { sensors: (Sensor & { channels: Channel[] })[] })[];
  })[];
  units: readonly Unit[];
}

function byParent<Row>(rows: Row[], parentOf: (row: Row) => number): (id: number) => Row[] {
  const groups = Map.groupBy(rows, parentOf);
  return (id) => groups.get(id) ?? [];
}

/** Each list by ids, channels by their codes. */
export async function readConfigPacket(permit: Permit<'config.read'>): Promise<ConfigPacket> {
  const { db } = permit;
  const visible = visibleStations(permit);
  const ofStations = sql`FROM ${source(st)} JOIN ${source(se)} ON ${se.stationId} = ${st.id}`;
  const [projects, stations, sensors, channels] = await Promise.all([
    db.read(selectProjects(visibleProjects(permit), sql`ORDER BY ${pr.id}`)),
    db.read(selectStations(visible, sql`ORDER BY ${st.id}`)),
    db.read(selectSensors(sql`${ofStations} WHERE ${visible} ORDER BY ${se.id}`)),
    db.read(
      selectChannels(sql`
        ${ofStations} JOIN ${source(ch)} ON ${ch.sensorId} = ${se.id}
        WHERE ${visible} ORDER BY ${ch.code}, ${ch.id}`),
    ),
  ]);
  const stationsOf = byParent(stations, ({ projectId }) => projectId);
  const sensorsOf = byParent(sensors, ({ stationId }) => stationId);
  const channelsOf = byParent(channels, ({ sensorId }) => sensorId);
  return {
    projects: projects.map((project) => ({
      ...project,
      stations: stationsOf(project.id).map((station) => ({
        ...station,
        sensors: sensorsOf(station.id).map((sensor) => ({
          ...sensor,
          channels: channelsOf(sensor.id),
        })),
      })),
    })),
    units,
  };
}
