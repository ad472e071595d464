/** Everything that the caller sees in the field, in one response. */
import * as v from 'valibot';
import { described } from '../base/fields.ts';
import { readConfigPacket } from '../domain/stations/config-packet.ts';
import { type Route, route } from './route.ts';
import { channel, sensor, serializeChannel, serializeSensor } from './sensor-serializers.ts';
import {
  integerType,
  nullType,
  project,
  serializeProject,
  serializeStation,
  station,
  textType,
} from './serializers.ts';

/** Some fields of a schema. */
const some = <Entries extends v.ObjectEntries, Key extends keyof Entries & string>(
  shape: v.ObjectSchema<Entries, undefined>,
  ...keys: Key[]
): Pick<Entries, Key> =>
  // The compiler does not know the names in an object made of entries.
  Object.fromEntries(keys.map((key) => [key, shape.entries[key]])) as unknown as Pick<Entries, Key>;

const PROJECT = ['id', 'company_id', 'name', 'public_key', 'status'] as const;
const STATION = [
  'id',
  'project_id',
  'sui',
  'name',
  'latitude',
  'longitude',
  'timezone',
  'timezone_name',
] as const;
const SENSOR = ['id', 'station_id', 'name', 'status', 'reporting', 'logging'] as const;
const CHANNEL = ['id', 'sensor_id', 'name', 'unit_id', 'status'] as const;

const pick = <Row extends object, Key extends keyof Row>(row: Row, keys: readonly Key[]) =>
  Object.fromEntries(keys.map((key) => [key, row[key]])) as Pick<Row, Key>;

/** Null until a service for readings exists. */
const health = { last_reading: null, health: null };

export const channelInField = v.object({
  ...some(channel, ...CHANNEL),
  channel_health: v.object({
    last_reading: described(nullType, 'Null: no service for readings reports yet.'),
    health: described(nullType, 'The same.'),
  }),
});

export const sensorInField = v.object({
  ...some(sensor, ...SENSOR),
  channels: v.array(channelInField),
});

export const stationInField = v.object({
  ...some(station, ...STATION),
  sensors: v.array(sensorInField),
});

export const projectInField = v.object({
  ...some(project, ...PROJECT),
  stations: v.array(stationInField),
});

export const unit = v.object({
  id: described(integerType, 'What `unit_id` names.', 18),
  name: described(textType, 'In words.', 'Metre'),
  unit: described(textType, 'As it is written behind a number.', 'm'),
  company_id: described(integerType, 'Always 0: the units are everybody’s.', 0),
});

export const packet = v.object({ projects: v.array(projectInField), units: v.array(unit) });

export const configPacket: Route[] = [
  route({
    method: 'get',
    path: '/config-packet',
    name: 'readConfigPacket',
    tag: 'Field',
    summary:
      'Every project, station, sensor and channel that you see, by id (channels by code), ' +
      'and the units.',
    action: 'config.read',
    data: v.object({ config_packet: packet }),
    async answer(permit) {
      const { tenantId } = permit;
      const { projects, units } = await readConfigPacket(permit);
      return {
        config_packet: {
          projects: projects.map((facts) => ({
            ...pick(serializeProject(facts, tenantId), PROJECT),
            stations: facts.stations.map((facts) => ({
              ...pick(serializeStation(facts, tenantId), STATION),
              sensors: facts.sensors.map((facts) => ({
                ...pick(serializeSensor(facts), SENSOR),
                channels: facts.channels.map((facts) => ({
                  ...pick(serializeChannel(facts), CHANNEL),
                  channel_health: health,
                })),
              })),
            })),
          })),
          units: units.map((unit) => ({ ...unit, company_id: 0 })),
        },
      };
    },
  }),
];
