/** Lists the sensors of a station, and the channels of a sensor. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { ch, se, source, st } from '../../db/aliases.ts';
import { type OffsetPage, offsetPageInput, readOffsetPage } from '../../db/offset-page.ts';
import { select } from '../../db/statements.ts';
import { notFound, visibleStations } from '../callers/visibility.ts';
import type { Permit } from '../permit.ts';
import { type Channel, selectChannels } from './channels.ts';
import { isSensor, type Sensor, selectSensors } from './sensors.ts';

export const listPartsInput = v.object(offsetPageInput);

/** Lists the sensors of a station. Throws NOT_FOUND for a station that the caller does not see. */
export async function listSensors(
  permit: Permit<'sensor.list'>,
  stationId: number,
  raw: unknown,
): Promise<OffsetPage<Sensor>> {
  const page = parse(listPartsInput, raw);
  const station = sql`FROM ${source(st)}
    WHERE ${st.id} = ${stationId} AND ${visibleStations(permit)}`;
  const from = sql`FROM ${source(se)} WHERE ${se.stationId} IN (SELECT ${st.id} ${station})`;
  const { db } = permit;
  const [[seen], sensors] = await Promise.all([
    db.read(select({ id: st.id }, station)),
    readOffsetPage(db, page, from, (bounds) =>
      selectSensors(sql`${from} ORDER BY ${se.id} ${bounds}`),
    ),
  ]);
  if (!seen) throw new Refusal(notFound('station'));
  return sensors;
}

/** Lists the channels of a sensor. Throws NOT_FOUND for a sensor that the caller does not see. */
export async function listChannels(
  permit: Permit<'channel.list'>,
  sensorId: number,
  raw: unknown,
): Promise<OffsetPage<Channel>> {
  const page = parse(listPartsInput, raw);
  const sensor = sql`FROM ${source(se)} WHERE ${isSensor(permit, sensorId)}`;
  const from = sql`FROM ${source(ch)} WHERE ${ch.sensorId} IN (SELECT ${se.id} ${sensor})`;
  const { db } = permit;
  const [[seen], channels] = await Promise.all([
    db.read(select({ id: se.id }, sensor)),
    readOffsetPage(db, page, from, (bounds) =>
      selectChannels(sql`${from} ORDER BY ${ch.code}, ${ch.id} ${bounds}`),
    ),
  ]);
  if (!seen) throw new Refusal(notFound('sensor'));
  return channels;
}
