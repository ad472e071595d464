/** The sensors of a station. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal } from '../../base/faults.ts';
import { described, flag, integer, string } from '../../base/fields.ts';
import { randomId } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import { ch, se, source, st } from '../../db/aliases.ts';
import { event, orElse, sentFields } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { sensors } from '../../db/schema.ts';
import { differ, insert, type RowOf, remove, select, update } from '../../db/statements.ts';
import { jsonListOf } from '../../db/subjects.ts';
import { notFound, visibleStations } from '../callers/visibility.ts';
import type { Permit } from '../permit.ts';

const columns = {
  ...{ id: se.id, stationId: se.stationId, name: se.name, status: se.status },
  ...{ reporting: se.reporting, logging: se.logging },
};

export type Sensor = RowOf<typeof columns>;

const fields = {
  name: described(string(1, 100), 'The sensor’s name.', 'Pressure probe'),
  status: described(flag, 'Whether the sensor is in use.', 1),
  reporting: described(
    integer(1, 86_400),
    'Seconds from one report to the next. Left out: as the station.',
    900,
  ),
  logging: described(
    integer(1, 86_400),
    'Seconds from one reading to the next. Left out: as `reporting`.',
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

/** Sensors `se`; `rest` begins with FROM. */
export const selectSensors = (rest: SQL): Statement<Sensor> => select(columns, rest);

const sensorsThat = (fits: SQL): Statement<Sensor> =>
  selectSensors(sql`FROM ${source(se)} WHERE ${fits}`);

/** The condition for the sensor `se` with this id, in a station that the caller sees. */
export const isSensor = (permit: Permit<string>, id: number): SQL =>
  sql`${se.id} = ${id} AND EXISTS (
    SELECT 1 FROM ${source(st)} WHERE ${st.id} = ${se.stationId} AND ${visibleStations(permit)})`;

const sensorEvent = (
  permit: Permit<'sensor.add' | 'sensor.update' | 'sensor.remove'>,
  fits: SQL,
  fields?: string[],
): Statement =>
  event(
    permit,
    {
      action: permit.action,
      subject: { stationIds: jsonListOf(se.stationId), sensorId: se.id },
      fields,
    },
    sql`FROM ${source(se)} WHERE ${fits}`,
  );

const found = (sensor: Sensor | undefined, noun = 'sensor'): Sensor => {
  if (!sensor) throw new Refusal(notFound(noun));
  return sensor;
};

/** Reads a sensor. Throws NOT_FOUND for a sensor that the caller does not see. */
export async function readSensor(permit: Permit<'sensor.read'>, id: number): Promise<Sensor> {
  const [sensor] = await permit.db.read(sensorsThat(isSensor(permit, id)));
  return found(sensor);
}

/** Adds a sensor. Throws NOT_FOUND for a station that the caller does not see. */
export async function addSensor(
  permit: Permit<'sensor.add'>,
  stationId: number,
  raw: unknown,
): Promise<Sensor> {
  const given = parse(addSensorInput, raw);
  const { name, status, reporting, logging } = given;
  const { now, change, db } = permit;
  const id = randomId();
  const every = orElse(reporting, st.reporting);
  const {
    found: [sensor],
  } = await db.batch({
    insertion: insert(
      sensors,
      {
        ...{
          id,
          stationId: st.id,
          name,
          status,
          reporting: every,
          logging: orElse(logging, every),
        },
        ...{ createdAt: now, updatedAt: now, changeId: change },
      },
      sql`FROM ${source(st)} WHERE ${st.id} = ${stationId} AND ${visibleStations(permit)}`,
    ),
    event: sensorEvent(permit, sql`${se.id} = ${id}`, sentFields(raw, given)),
    found: sensorsThat(sql`${se.id} = ${id}`),
  });
  return found(sensor, 'station');
}

/**
 * Changes a sensor. Fields that are left out stay. Throws NOT_FOUND if the caller does not see it.
 */
export async function updateSensor(
  permit: Permit<'sensor.update'>,
  id: number,
  raw: unknown,
): Promise<Sensor> {
  const given = parse(updateSensorInput, raw);
  const { now, change, db } = permit;
  const picked = isSensor(permit, id);
  const {
    found: [sensor],
  } = await db.batch({
    update: update(
      se,
      { ...given, updatedAt: now, changeId: change },
      sql`WHERE ${picked} AND ${differ(se, given)}`,
    ),
    event: sensorEvent(
      permit,
      sql`${se.id} = ${id} AND ${se.changeId} = ${change}`,
      sentFields(raw, given),
    ),
    found: sensorsThat(picked),
  });
  return found(sensor);
}

/** Removes a sensor with its channels, and returns it as it was. */
export async function removeSensor(permit: Permit<'sensor.remove'>, id: number): Promise<Sensor> {
  const picked = isSensor(permit, id);
  const {
    found: [sensor],
  } = await permit.db.batch({
    found: sensorsThat(picked),
    event: sensorEvent(permit, picked),
    channels: remove(
      ch,
      sql`WHERE ${ch.sensorId} IN (SELECT ${se.id} FROM ${source(se)} WHERE ${picked})`,
    ),
    removal: remove(se, sql`WHERE ${picked}`),
  });
  return found(sensor);
}
