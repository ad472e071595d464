/** Stations, as viewers see them. They are managed over REST. */
import type { Station as StationFact } from '../domain/stations/station.ts';
import { builder } from './builder.ts';
import { connection } from './connection.ts';

const Station = builder.objectRef<StationFact>('Station').implement({
  description: 'A data logger in the field.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Our id for the station: never reused, the same everywhere.',
    }),
    projectId: t.exposeID('projectId', { description: 'The project that it belongs to.' }),
    name: t.exposeString('name', { description: 'The station’s name.' }),
    code: t.exposeString('code', { description: 'Unique in the company.' }),
    active: t.boolean({
      description: 'Whether it is in use.',
      resolve: ({ status }) => status === 1,
    }),
    location: t.exposeString('location', {
      nullable: true,
      description: 'Where it stands, in words.',
    }),
    latitude: t.exposeString('latitude', { description: 'Degrees north, with six decimals.' }),
    longitude: t.exposeString('longitude', { description: 'Degrees east, with six decimals.' }),
    timezoneName: t.exposeString('timezoneName', {
      description: 'Its time zone, of the IANA time zone database.',
    }),
  }),
});

export const StationConnection = connection('stations', Station);
