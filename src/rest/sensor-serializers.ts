/** How the company API serializes sensors and their channels. */
import * as v from 'valibot';
import { described, flag, id, schemaFacts } from '../base/fields.ts';
import type { Channel } from '../domain/stations/channels.ts';
import type { Sensor } from '../domain/stations/sensors.ts';
import { integerType, stationId, textType } from './serializers.ts';

const numberType = v.pipe(v.number(), schemaFacts<number>({ type: 'number' }));

export const sensor = v.object({
  id: described(id, 'The sensor’s id.', 8061550129337456),
  station_id: stationId,
  name: described(textType, 'The sensor’s name.', 'Pressure probe'),
  status: flag,
  reporting: described(integerType, 'Seconds.', 900),
  logging: described(integerType, 'Seconds.', 60),
});

export const serializeSensor = (facts: Sensor): v.InferOutput<typeof sensor> => ({
  id: facts.id,
  station_id: facts.stationId,
  name: facts.name,
  status: facts.status,
  reporting: facts.reporting,
  logging: facts.logging,
});

export const channel = v.object({
  id: described(id, 'The channel’s id.', 2093381746650128),
  sensor_id: described(id, 'The sensor that it belongs to.', 8061550129337456),
  name: described(textType, 'The channel’s name.', 'Water level'),
  unit_id: described(integerType, 'One of the built-in units.', 18),
  scale: described(numberType, 'The factor for raw readings.', 0.01),
  offset: described(numberType, 'What is added after that.', 0),
  code: described(
    integerType,
    'Its position among the readings of the sensor. Keep it unique yourself.',
    0,
  ),
  status: flag,
});

export const serializeChannel = (facts: Channel): v.InferOutput<typeof channel> => ({
  id: facts.id,
  sensor_id: facts.sensorId,
  name: facts.name,
  unit_id: facts.unitId,
  scale: facts.scale,
  offset: facts.offset,
  code: facts.code,
  status: facts.status,
});
