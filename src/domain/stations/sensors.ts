/** The sensors of a station. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal } from '../../base/faults.ts';
import { described, flag, integer, string } from '../../base/fields.ts';
import { randomId } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import { changesOf, event, orElse, sentFields } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import { seen, unknown } from './sight.ts';

export interface Sensor {
  id: number;
  stationId: number;
  name: string;
  status: 0 | 1;
  /** Seconds. */
  reporting: number;
  logging: number;
}

const fields = {
  name: described(string(1, 100), 'The sensor’s name.', 'Pressure probe'),
  status: described(flag, 'Whether the sensor is in use.', 1),
  reporting: described(
    integer(1, 86_400),
    'Seconds from one report to the next; the station’s if left out.',
    900,
  ),
  logging: described(
    integer(1, 86_400),
    'Seconds from one reading to the next; as `reporting` if left out.',
    60,
  ),
};

export const addSensorInput = v.object({
  name: fields.name,
  status: v.optional(fields.status, 1),
  reporting: v.optional(fields.reporting),
  logging: v.optional(fields.logging),
});
export const updateSensorInput = v.partial(v.object(fields));

const selectSensors = (fits: SQL): Statement<Sensor> =>
  statement<Sensor>(sql`
    SELECT se.id, se.station_id AS stationId, se.name, se.status, se.reporting, se.logging FROM sensors se WHERE ${fits}`);

/** The condition that picks from sensors `se` one of a station that the caller sees. */
export const isSensor = (permit: Permit<string>, id: number): SQL =>
  sql`se.id = ${id} AND EXISTS (SELECT 1 FROM stations st WHERE st.id = se.station_id AND ${seen(permit)})`;

const sensorEvent = (
  permit: Permit<'sensor.add' | 'sensor.update' | 'sensor.remove'>,
  fits: SQL,
  fields?: string[],
): Statement =>
  event(
    permit,
    {
      action: permit.action,
      subject: sql`json_object('stationIds', json_array(se.station_id), 'sensorId', se.id)`,
      fields,
    },
    sql`FROM sensors se WHERE ${fits}`,
  );

const found = (sensor: Sensor | undefined, noun = 'sensor'): Sensor => {
  if (!sensor) throw new Refusal(unknown(noun));
  return sensor;
};

export async function readSensor(permit: Permit<'sensor.read'>, id: number): Promise<Sensor> {
  const [sensor] = await permit.db.read(selectSensors(isSensor(permit, id)));
  return found(sensor);
}

export async function addSensor(
  permit: Permit<'sensor.add'>,
  stationId: number,
  raw: unknown,
): Promise<Sensor> {
  const given = parse(addSensorInput, raw);
  const { name, status, reporting, logging } = given;
  const { now, change, db } = permit;
  const id = randomId();
  const every = orElse(reporting, sql`st.reporting`);
  const { sensors } = await db.batch({
    insertion: statement(sql`
      INSERT INTO sensors (id, station_id, name, status, reporting, logging, created_at, updated_at, change_id)
      SELECT ${id}, st.id, ${name}, ${status}, ${every}, ${orElse(logging, every)}, ${now}, ${now}, ${change}
      FROM stations st WHERE st.id = ${stationId} AND ${seen(permit)}`),
    event: sensorEvent(permit, sql`se.id = ${id}`, sentFields(raw, given)),
    sensors: selectSensors(sql`se.id = ${id}`),
  });
  return found(sensors[0], 'station');
}

export async function updateSensor(
  permit: Permit<'sensor.update'>,
  id: number,
  raw: unknown,
): Promise<Sensor> {
  const given = parse(updateSensorInput, raw);
  const { now, change, db } = permit;
  const picked = isSensor(permit, id);
  const { set, differ } = changesOf('se', given);
  const { sensors } = await db.batch({
    update: statement(sql`
      UPDATE sensors AS se SET ${set} updated_at = ${now}, change_id = ${change} WHERE ${picked} AND ${differ}`),
    event: sensorEvent(
      permit,
      sql`se.id = ${id} AND se.change_id = ${change}`,
      sentFields(raw, given),
    ),
    sensors: selectSensors(picked),
  });
  return found(sensors[0]);
}

/** The sensor as it was; its channels go with it. */
export async function removeSensor(permit: Permit<'sensor.remove'>, id: number): Promise<Sensor> {
  const picked = isSensor(permit, id);
  const { sensors } = await permit.db.batch({
    sensors: selectSensors(picked),
    event: sensorEvent(permit, picked),
    channels: statement(
      sql`DELETE FROM channels WHERE sensor_id IN (SELECT se.id FROM sensors se WHERE ${picked})`,
    ),
    removal: statement(sql`DELETE FROM sensors AS se WHERE ${picked}`),
  });
  return found(sensors[0]);
}
