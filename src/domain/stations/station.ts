/** The station: a data logger in the field. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import type { Complaint } from '../../base/faults.ts';
import { degrees, described, flag, id, integer, schemaFacts, string } from '../../base/fields.ts';
import { readTimeZone } from '../../base/time-zone.ts';
import { source, st } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { type RowOf, select } from '../../db/statements.ts';
import { jsonListOf } from '../../db/subjects.ts';
import type { Permit } from '../permit.ts';

const columns = {
  ...{ id: st.id, projectId: st.projectId, name: st.name, code: st.code, reporting: st.reporting },
  ...{ refLoggerId: st.refLoggerId, status: st.status, location: st.location },
  ...{ latitude: st.latitude, longitude: st.longitude, timezoneName: st.timezoneName },
  ...{ createdAt: st.createdAt, updatedAt: st.updatedAt },
};

export type Station = RowOf<typeof columns>;

/** Selects the stations `st` that fit. */
export const selectStations = (fits: SQL, rest = sql``): Statement<Station> =>
  select(columns, sql`FROM ${source(st)} WHERE ${fits} ${rest}`);

/** The event of a change to the stations `st` that fit. */
export const stationEvent = (
  permit: Permit<'station.add' | 'station.update' | 'station.remove'>,
  fits: SQL,
  stationFields?: string[],
): Statement =>
  event(
    permit,
    {
      action: permit.action,
      subject: { stationIds: jsonListOf(st.id), projectId: st.projectId },
      fields: stationFields,
    },
    sql`FROM ${source(st)} WHERE ${fits}`,
  );

/** The latitude and longitude of a station without a known position, in degrees. */
export const NOWHERE = '0.000000';

const MAX_TIME_ZONE = 64;

const timeZone = v.pipe(
  v.string('Must be a text.'),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const name = value.length <= MAX_TIME_ZONE ? readTimeZone(value) : null;
    if (name !== null) return name;
    addIssue({
      message: 'Must be a name of the IANA time zone database, such as "Europe/Berlin".',
    });
    return NEVER;
  }),
  schemaFacts<string>({ type: 'string', maxLength: MAX_TIME_ZONE }),
);

/** Named as the company API names them. */
export const fields = {
  name: described(string(2, 100), 'The station’s name.', 'Weir at the old mill'),
  code: described(string(4, 20), 'Your code for the station, unique in the company.', 'WEIR-0001'),
  reporting: described(integer(120, 86_400), 'Seconds from one report to the next.', 900),
  ref_logger_id: described(id, 'The kind of data logger: a number of your own.', 12),
  status: described(
    flag,
    'Whether the station is in use. For your own use: nothing here depends on it.',
    1,
  ),
  location: described(
    v.nullish(string(2, 255, ', or null')),
    'Where it stands, in words.',
    'Mill Lane, Ely',
  ),
  latitude: described(degrees(90), 'Degrees north.', '52.398056'),
  longitude: described(degrees(180), 'Degrees east.', '0.262222'),
  timezone_name: described(timeZone, 'The time zone of its place.', 'Europe/London'),
};

/** The refusal of half a position. The missing half would be taken from another place. */
export const halfPosition = (missing: 'latitude' | 'longitude'): Complaint => ({
  code: 'INVALID',
  path: [missing],
  message: 'Is missing: latitude and longitude are given together.',
});

/** While one half is invalid, errors of the other are not reported. */
export const judgedByPosition = { latitude: ['longitude'], longitude: ['latitude'] };

/** The half of a position that is missing. Undefined if both or neither are given. */
export const missingHalf = (given: { latitude?: unknown; longitude?: unknown }) =>
  (['latitude', 'longitude'] as const).find(
    (half, _, halves) =>
      given[half] === undefined && halves.some((other) => given[other] !== undefined),
  );

export const codeTaken: Complaint = {
  code: 'CONFLICT',
  path: ['code'],
  message: 'Another station of your company has this code.',
};
