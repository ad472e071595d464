/** The channels of a sensor: what it measures, and in what. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal } from '../../base/faults.ts';
import { decimal, described, flag, integer, string } from '../../base/fields.ts';
import { randomId } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import { changesOf, event, orElse, sentFields } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import { units } from '../units.ts';
import { isSensor } from './sensors.ts';
import { seenSensors, unknown } from './sight.ts';

export interface Channel {
  id: number;
  sensorId: number;
  name: string;
  unitId: number;
  scale: number;
  offset: number;
  code: number;
  status: 0 | 1;
}

/** What no reading comes near. */
const HUGE = 1e12;

const fields = {
  name: described(string(1, 100), 'The channel’s name.', 'Water level'),
  unit_id: described(
    integer(1, units.length),
    'One of the built-in units: see `/config-packet`.',
    18,
  ),
  scale: described(decimal(-HUGE, HUGE), 'What a raw reading is multiplied with.', 0.01),
  offset: described(decimal(-HUGE, HUGE), 'What is added then.', 0),
  code: described(
    integer(0, 9_999),
    'Its place among the readings of the sensor, from 0; the first that is free if left out.',
    0,
  ),
  status: described(flag, 'Whether the channel is in use.', 1),
};

export const addChannelInput = v.object({
  name: fields.name,
  unit_id: fields.unit_id,
  scale: v.optional(fields.scale, 1),
  offset: v.optional(fields.offset, 0),
  code: v.optional(fields.code),
  status: v.optional(fields.status, 1),
});
export const updateChannelInput = v.partial(v.object(fields));

const selectChannels = (fits: SQL): Statement<Channel> =>
  statement<Channel>(sql`
    SELECT ch.id, ch.sensor_id AS sensorId, ch.name, ch.unit_id AS unitId, ch.scale, ch.offset, ch.code, ch.status
    FROM channels ch WHERE ${fits}`);

const isChannel = (permit: Permit<string>, id: number): SQL =>
  sql`ch.id = ${id} AND EXISTS (
    SELECT 1 FROM sensors se JOIN stations st ON st.id = se.station_id WHERE se.id = ch.sensor_id AND ${seenSensors(permit)})`;

const channelEvent = (
  permit: Permit<'channel.add' | 'channel.update' | 'channel.remove'>,
  fits: SQL,
  fields?: string[],
): Statement =>
  event(
    permit,
    {
      action: permit.action,
      subject: sql`json_object('stationIds', json_array(se.station_id), 'sensorId', se.id, 'channelId', ch.id)`,
      fields,
    },
    sql`FROM channels ch JOIN sensors se ON se.id = ch.sensor_id WHERE ${fits}`,
  );

const found = (channel: Channel | undefined, noun = 'channel'): Channel => {
  if (!channel) throw new Refusal(unknown(noun));
  return channel;
};

export async function readChannel(permit: Permit<'channel.read'>, id: number): Promise<Channel> {
  const [channel] = await permit.db.read(selectChannels(isChannel(permit, id)));
  return found(channel);
}

export async function addChannel(
  permit: Permit<'channel.add'>,
  sensorId: number,
  raw: unknown,
): Promise<Channel> {
  const given = parse(addChannelInput, raw);
  const { now, change, db } = permit;
  const id = randomId();
  const taken = sql`SELECT code FROM channels WHERE sensor_id = se.id`;
  const free = sql`(SELECT min(n) FROM (SELECT 0 AS n UNION SELECT code + 1 FROM (${taken})) WHERE n NOT IN (${taken}))`;
  const { channels } = await db.batch({
    insertion: statement(sql`
      INSERT INTO channels (id, sensor_id, name, unit_id, scale, offset, code, status, created_at, updated_at, change_id)
      SELECT ${id}, se.id, ${given.name}, ${given.unit_id}, ${given.scale}, ${given.offset}, ${orElse(given.code, free)},
        ${given.status}, ${now}, ${now}, ${change}
      FROM sensors se WHERE ${isSensor(permit, sensorId)}`),
    event: channelEvent(permit, sql`ch.id = ${id}`, sentFields(raw, given)),
    channels: selectChannels(sql`ch.id = ${id}`),
  });
  return found(channels[0], 'sensor');
}

export async function updateChannel(
  permit: Permit<'channel.update'>,
  id: number,
  raw: unknown,
): Promise<Channel> {
  const given = parse(updateChannelInput, raw);
  const { now, change, db } = permit;
  const picked = isChannel(permit, id);
  const { set, differ } = changesOf('ch', given);
  const { channels } = await db.batch({
    update: statement(sql`
      UPDATE channels AS ch SET ${set} updated_at = ${now}, change_id = ${change} WHERE ${picked} AND ${differ}`),
    event: channelEvent(
      permit,
      sql`ch.id = ${id} AND ch.change_id = ${change}`,
      sentFields(raw, given),
    ),
    channels: selectChannels(picked),
  });
  return found(channels[0]);
}

/** The channel as it was. */
export async function removeChannel(
  permit: Permit<'channel.remove'>,
  id: number,
): Promise<Channel> {
  const picked = isChannel(permit, id);
  const { channels } = await permit.db.batch({
    channels: selectChannels(picked),
    event: channelEvent(permit, picked),
    removal: statement(sql`DELETE FROM channels AS ch WHERE ${picked}`),
  });
  return found(channels[0]);
}
