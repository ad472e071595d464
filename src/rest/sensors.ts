/** The sensors of a station, and their channels. */
import * as v from 'valibot';
import {
  addChannel,
  addChannelInput,
  readChannel,
  removeChannel,
  updateChannel,
  updateChannelInput,
} from '../domain/stations/channels.ts';
import { listChannels, listPartsInput, listSensors } from '../domain/stations/list-parts.ts';
import {
  addSensor,
  addSensorInput,
  readSensor,
  removeSensor,
  updateSensor,
  updateSensorInput,
} from '../domain/stations/sensors.ts';
import { type Route, route } from './route.ts';
import { channel, sensor, serializeChannel, serializeSensor } from './sensor-serializers.ts';
import { paging, serializePaging } from './serializers.ts';

const tag = 'Sensors and channels';
const sensorData = v.object({ sensor });
const channelData = v.object({ channel });

export const sensors: Route[] = [
  route({
    method: 'get',
    path: '/station/:id/sensor',
    name: 'listSensors',
    tag,
    summary: 'The sensors of a station.',
    action: 'sensor.list',
    query: listPartsInput,
    data: v.object({ sensors: v.array(sensor), paging }),
    async answer(permit, { id, query }) {
      const { rows, paging } = await listSensors(permit, id, query);
      return { sensors: rows.map(serializeSensor), paging: serializePaging(paging) };
    },
  }),
  route({
    method: 'post',
    path: '/station/:id/sensor',
    name: 'addSensor',
    tag,
    summary: 'Adds a sensor to a station.',
    action: 'sensor.add',
    body: addSensorInput,
    data: sensorData,
    async answer(permit, { id, body }) {
      return { sensor: serializeSensor(await addSensor(permit, id, body)) };
    },
  }),
  route({
    method: 'get',
    path: '/sensor/:id',
    name: 'readSensor',
    tag,
    summary: 'One sensor.',
    action: 'sensor.read',
    data: sensorData,
    async answer(permit, { id }) {
      return { sensor: serializeSensor(await readSensor(permit, id)) };
    },
  }),
  route({
    method: 'patch',
    path: '/sensor/:id',
    name: 'updateSensor',
    tag,
    summary: 'Changes a sensor. Fields that are left out stay.',
    action: 'sensor.update',
    body: updateSensorInput,
    data: sensorData,
    async answer(permit, { id, body }) {
      return { sensor: serializeSensor(await updateSensor(permit, id, body)) };
    },
  }),
  route({
    method: 'delete',
    path: '/sensor/:id',
    name: 'removeSensor',
    tag,
    summary: 'Removes a sensor with its channels.',
    action: 'sensor.remove',
    data: sensorData,
    async answer(permit, { id }) {
      return { sensor: serializeSensor(await removeSensor(permit, id)) };
    },
  }),
  route({
    method: 'get',
    path: '/sensor/:id/channel',
    name: 'listChannels',
    tag,
    summary: 'The channels of a sensor, by code.',
    action: 'channel.list',
    query: listPartsInput,
    data: v.object({ channels: v.array(channel), paging }),
    async answer(permit, { id, query }) {
      const { rows, paging } = await listChannels(permit, id, query);
      return { channels: rows.map(serializeChannel), paging: serializePaging(paging) };
    },
  }),
  route({
    method: 'post',
    path: '/sensor/:id/channel',
    name: 'addChannel',
    tag,
    summary: 'Adds a channel to a sensor.',
    action: 'channel.add',
    body: addChannelInput,
    data: channelData,
    async answer(permit, { id, body }) {
      return { channel: serializeChannel(await addChannel(permit, id, body)) };
    },
  }),
  route({
    method: 'get',
    path: '/channel/:id',
    name: 'readChannel',
    tag,
    summary: 'One channel.',
    action: 'channel.read',
    data: channelData,
    async answer(permit, { id }) {
      return { channel: serializeChannel(await readChannel(permit, id)) };
    },
  }),
  route({
    method: 'patch',
    path: '/channel/:id',
    name: 'updateChannel',
    tag,
    summary: 'Changes a channel. Fields that are left out stay.',
    action: 'channel.update',
    body: updateChannelInput,
    data: channelData,
    async answer(permit, { id, body }) {
      return { channel: serializeChannel(await updateChannel(permit, id, body)) };
    },
  }),
  route({
    method: 'delete',
    path: '/channel/:id',
    name: 'removeChannel',
    tag,
    summary: 'Removes a channel.',
    action: 'channel.remove',
    data: channelData,
    async answer(permit, { id }) {
      return { channel: serializeChannel(await removeChannel(permit, id)) };
    },
  }),
];
