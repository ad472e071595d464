/** The channels of a sensor: what it measures, and in which unit. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal } from '../../base/faults.ts';
import { decimal, described, flag, integer, string } from '../../base/fields.ts';
import { randomId } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import { ch, se, source, st } from '../../db/aliases.ts';
import { event, orElse, sentFields } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { channels } from '../../db/schema.ts';
import { differ, insert, type RowOf, remove, select, update } from '../../db/statements.ts';
import { jsonListOf } from '../../db/subjects.ts';
import { notFound, visibleSensors } from '../callers/visibility.ts';
import type { Permit } from '../permit.ts';
import { isSensor } from './sensors.ts';
import { units } from './units.ts';

const columns = {
  ...{ id: ch.id, sensorId: ch.sensorId, name: ch.name, unitId: ch.unitId },
  ...{ scale: ch.scale, offset: ch.offset, code: ch.code, status: ch.status },
};

export type Channel = RowOf<typeof columns>;

/** Far beyond any reading. */
const HUGE = 1e12;

const fields = {
  name: described(string(1, 100), 'The channel’s name.', 'Water level'),
  unit_id: described(
    integer(1, units.length),
    'One of the built-in units: see `/config-packet`.',
    18,
  ),
  scale: described(decimal(-HUGE, HUGE), 'The factor for raw readings.', 0.01),
  offset: described(decimal(-HUGE, HUGE), 'What is added after that.', 0),
  code: described(
    integer(0, 9_999),
    'Its position among the readings of the sensor, from 0. Left out: the first free one.',
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

type Given = Partial<v.InferOutput<typeof updateChannelInput>>;

/** The input, by the keys of the schema. */
const storable = ({ name, unit_id: unitId, scale, offset, code, status }: Given) => ({
  ...{ name, unitId, scale, offset, code, status },
});

/** Channels `ch`; `rest` begins with FROM. */
export const selectChannels = (rest: SQL): Statement<Channel> => select(columns, rest);

const channelsThat = (fits: SQL): Statement<Channel> =>
  selectChannels(sql`FROM ${source(ch)} WHERE ${fits}`);

const isChannel = (permit: Permit<string>, id: number): SQL =>
  sql`${ch.id} = ${id} AND EXISTS (
    SELECT 1 FROM ${source(se)} JOIN ${source(st)} ON ${st.id} = ${se.stationId}
    WHERE ${se.id} = ${ch.sensorId} AND ${visibleSensors(permit)})`;

const channelEvent = (
  permit: Permit<'channel.add' | 'channel.update' | 'channel.remove'>,
  fits: SQL,
  fields?: string[],
): Statement =>
  event(
    permit,
    {
      action: permit.action,
      subject: { stationIds: jsonListOf(se.stationId), sensorId: se.id, channelId: ch.id },
      fields,
    },
    sql`FROM ${source(ch)} JOIN ${source(se)} ON ${se.id} = ${ch.sensorId} WHERE ${fits}`,
  );

const found = (channel: Channel | undefined, noun = 'channel'): Channel => {
  if (!channel) throw new Refusal(notFound(noun));
  return channel;
};

/** Reads a channel. Throws NOT_FOUND for a channel that the caller does not see. */
export async function readChannel(permit: Permit<'channel.read'>, id: number): Promise<Channel> {
  const [channel] = await permit.db.read(channelsThat(isChannel(permit, id)));
  return found(channel);
}

/** The lowest code that no channel of the sensor `se` has. */
function freeCode(): SQL {
  const siblings = sql`FROM ${source(ch)} WHERE ${ch.sensorId} = ${se.id}`;
  return sql`(
    SELECT min(n) FROM (SELECT 0 AS n UNION SELECT ${ch.code} + 1 ${siblings})
    WHERE n NOT IN (SELECT ${ch.code} ${siblings}))`;
}

/**
 * Adds a channel. Without `code`, it gets the lowest free one. Throws NOT_FOUND for a sensor that
 * the caller does not see.
 */
export async function addChannel(
  permit: Permit<'channel.add'>,
  sensorId: number,
  raw: unknown,
): Promise<Channel> {
  const given = parse(addChannelInput, raw);
  const { name, unit_id: unitId, scale, offset, status } = given;
  const { now, change, db } = permit;
  const id = randomId();
  const {
    found: [channel],
  } = await db.batch({
    insertion: insert(
      channels,
      {
        ...{ id, sensorId: se.id, name, unitId, scale, offset, status },
        code: orElse(given.code, freeCode()),
        ...{ createdAt: now, updatedAt: now, changeId: change },
      },
      sql`FROM ${source(se)} WHERE ${isSensor(permit, sensorId)}`,
    ),
    event: channelEvent(permit, sql`${ch.id} = ${id}`, sentFields(raw, given)),
    found: channelsThat(sql`${ch.id} = ${id}`),
  });
  return found(channel, 'sensor');
}

/**
 * Changes a channel. Fields that are left out stay. Throws NOT_FOUND if the caller does not see it.
 */
export async function updateChannel(
  permit: Permit<'channel.update'>,
  id: number,
  raw: unknown,
): Promise<Channel> {
  const given = parse(updateChannelInput, raw);
  const { now, change, db } = permit;
  const picked = isChannel(permit, id);
  const wanted = storable(given);
  const {
    found: [channel],
  } = await db.batch({
    update: update(
      ch,
      { ...wanted, updatedAt: now, changeId: change },
      sql`WHERE ${picked} AND ${differ(ch, wanted)}`,
    ),
    event: channelEvent(
      permit,
      sql`${ch.id} = ${id} AND ${ch.changeId} = ${change}`,
      sentFields(raw, given),
    ),
    found: channelsThat(picked),
  });
  return found(channel);
}

/** Removes a channel and returns it as it was. */
export async function removeChannel(
  permit: Permit<'channel.remove'>,
  id: number,
): Promise<Channel> {
  const picked = isChannel(permit, id);
  const {
    found: [channel],
  } = await permit.db.batch({
    found: channelsThat(picked),
    event: channelEvent(permit, picked),
    removal: remove(ch, sql`WHERE ${picked}`),
  });
  return found(channel);
}
