/** Stations. */
import * as v from 'valibot';
import { described, id as idField } from '../base/fields.ts';
import { addStation, addStationInput } from '../domain/stations/add.ts';
import { listStations, listStationsInput, readStation } from '../domain/stations/find.ts';
import { listRecipients } from '../domain/stations/recipients.ts';
import { removeStation } from '../domain/stations/remove.ts';
import { updateStation, updateStationInput } from '../domain/stations/update.ts';
import { type Route, route } from './route.ts';
import { paging, serializePaging, serializeStation, station, textType } from './serializers.ts';

const data = v.object({ station });
const tag = 'Stations';

export const recipient = v.object({
  user_id: described(idField, 'The user’s id.', 452773855875688),
  name: described(v.nullable(textType), 'The user’s name.', 'Ada Lovelace'),
  email: described(v.nullable(textType), 'Null unless alarms go there.', 'ada@example.com'),
  sms: described(v.nullable(textType), 'Null unless alarms go there.', '+1 555 555 5555'),
  phone: described(v.nullable(textType), 'Null unless alarms go there.', '+1 555 555 5555'),
});

export const stations: Route[] = [
  route({
    method: 'get',
    path: '/project/:id/station',
    name: 'listStations',
    tag,
    summary: 'The stations of a project that you see.',
    action: 'station.list',
    query: listStationsInput,
    data: v.object({ stations: v.array(station), paging }),
    async answer(permit, { id, query }) {
      const { rows, paging } = await listStations(permit, id, query);
      return {
        stations: rows.map((facts) => serializeStation(facts, permit.tenantId)),
        paging: serializePaging(paging),
      };
    },
  }),
  route({
    method: 'post',
    path: '/project/:id/station',
    name: 'addStation',
    tag,
    summary: 'Adds a station. A member who does not see all stations is assigned to it.',
    action: 'station.add',
    body: addStationInput,
    refusals: [409],
    data,
    async answer(permit, { id, body }) {
      return { station: serializeStation(await addStation(permit, id, body), permit.tenantId) };
    },
  }),
  route({
    method: 'get',
    path: '/station/:id',
    name: 'readStation',
    tag,
    summary: 'One station.',
    action: 'station.read',
    data,
    async answer(permit, { id }) {
      return { station: serializeStation(await readStation(permit, id), permit.tenantId) };
    },
  }),
  route({
    method: 'patch',
    path: '/station/:id',
    name: 'updateStation',
    tag,
    summary: 'Changes a station. Fields that are left out stay.',
    action: 'station.update',
    body: updateStationInput,
    refusals: [409],
    data,
    async answer(permit, { id, body }) {
      return { station: serializeStation(await updateStation(permit, id, body), permit.tenantId) };
    },
  }),
  route({
    method: 'delete',
    path: '/station/:id',
    name: 'removeStation',
    tag,
    summary: 'Removes a station with its sensors and channels.',
    action: 'station.remove',
    data,
    async answer(permit, { id }) {
      return { station: serializeStation(await removeStation(permit, id), permit.tenantId) };
    },
  }),
  route({
    method: 'get',
    path: '/station/:id/alarm-recipients',
    name: 'listAlarmRecipients',
    tag,
    summary: 'Who gets alarms of a station, and how: active users with access who want alarms.',
    action: 'station.listRecipients',
    data: v.object({ alarm_recipients: v.array(recipient) }),
    async answer(permit, { id }) {
      const recipients = await listRecipients(permit, id);
      return {
        alarm_recipients: recipients.map(({ userId, ...rest }) => ({ user_id: userId, ...rest })),
      };
    },
  }),
];
