/** Named schemas of the reference. Generated clients get types of these names. */
import type * as v from 'valibot';
import {
  channelInField,
  packet,
  projectInField,
  sensorInField,
  stationInField,
  unit,
} from '../rest/config-packet.ts';
import { channel, sensor } from '../rest/sensor-serializers.ts';
import { paging, project, station, user, userStation } from '../rest/serializers.ts';
import { recipient } from '../rest/stations.ts';

export const models = {
  User: user,
  UserStation: userStation,
  Project: project,
  Station: station,
  Sensor: sensor,
  Channel: channel,
  AlarmRecipient: recipient,
  Paging: paging,
  ConfigPacket: packet,
  ConfigProject: projectInField,
  ConfigStation: stationInField,
  ConfigSensor: sensorInField,
  ConfigChannel: channelInField,
  Unit: unit,
} as const;

const names = new Map<unknown, string>(Object.entries(models).map(([name, one]) => [one, name]));

export const nameOf = (schema: v.GenericSchema): string | undefined => names.get(schema);
