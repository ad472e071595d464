/** The response schemas of the company API, and the functions that serialize rows into them. */
import * as v from 'valibot';
import { described, flag, id, schemaFacts } from '../base/fields.ts';
import { TtlCache } from '../base/ttl-cache.ts';
import type { OffsetPaging } from '../db/offset-page.ts';
import type { Member } from '../domain/members/member.ts';
import type { Project } from '../domain/stations/projects.ts';
import type { Station } from '../domain/stations/station.ts';

export const textType = v.pipe(v.string(), schemaFacts<string>({ type: 'string' }));
export const integerType = v.pipe(v.number(), schemaFacts<number>({ type: 'integer' }));
export const nullType = v.pipe(v.null(), schemaFacts<null>({ type: 'null' }));

const time = described(textType, '`YYYY-MM-DD HH:MM:SS`, UTC.', '2026-11-23 09:30:00');
const userId = described(id, 'The user’s id.', 452773855875688);
export const stationId = described(id, 'The station’s id.', 5127743829102746);
const companyId = described(id, 'The company’s id.', 1016089423381460);

/** `YYYY-MM-DD HH:MM:SS`, UTC. */
export const timeOf = (at: number): string =>
  new Date(at).toISOString().slice(0, 19).replace('T', ' ');

export const paging = v.object({
  page: integerType,
  per_page: integerType,
  total: described(integerType, 'The number of items on all pages.', 1),
  pages: integerType,
  current_page: described(integerType, 'The same as `page`.', 1),
  last_page: described(integerType, 'As `pages`, but 1 if there are none.', 1),
});
export const serializePaging = (facts: OffsetPaging): v.InferOutput<typeof paging> => ({
  ...facts,
  current_page: facts.page,
  last_page: Math.max(1, facts.pages),
});

export const userStation = v.object({
  id: described(id, 'The assignment’s own id.', 7340032518221904),
  user_id: userId,
  station_id: stationId,
  station_name: described(textType, 'The station’s name.', 'Weir at the old mill'),
  created_at: time,
  updated_at: time,
});

export const user = v.object({
  id: userId,
  company_id: companyId,
  external_id: described(v.nullable(textType), 'Your own id for an end user; null for members.'),
  name: described(v.nullable(textType), 'The user’s name.', 'Ada Lovelace'),
  email: described(v.nullable(textType), 'Null for end users.', 'ada@example.com'),
  member_level_id: described(v.nullable(integerType), '1 to 4; null for end users.', 2),
  status: described(flag, '0: disabled.', 1),
  sms: described(v.nullable(textType), 'In international format.', '+1 555 555 5555'),
  phone: described(v.nullable(textType), 'In international format.', '+1 555 555 5555'),
  alarm_email: flag,
  alarm_sms: flag,
  alarm_voice: described(flag, '1: alarms are sent by a call to `phone`.', 0),
  timezone_pref_id: described(
    integerType,
    'The time zone in which the user sees times: 1 UTC, 2 the user’s own, 3 the station’s.',
    3,
  ),
  require_password_reset: described(
    flag,
    '1: the user has no password yet, or none since the e-mail address changed, or a reset ' +
      'token was issued. Ask for a new password. Until then everything works as before. Always ' +
      '1 for end users.',
    1,
  ),
  user_stations: described(v.array(userStation), 'The stations of the user that you see too.'),
});

export const serializeUser = (member: Member, tenantId: number): v.InferOutput<typeof user> => ({
  id: member.id,
  company_id: tenantId,
  external_id: member.externalId,
  name: member.name,
  email: member.email,
  member_level_id: member.level,
  status: member.suspendedAt === null ? 1 : 0,
  sms: member.sms,
  phone: member.phone,
  alarm_email: member.alarmEmail,
  alarm_sms: member.alarmSms,
  alarm_voice: member.alarmVoice,
  timezone_pref_id: member.timeZonePreference,
  require_password_reset: member.requirePasswordReset,
  user_stations: member.stations.map((assigned) => ({
    id: assigned.id,
    user_id: member.id,
    station_id: assigned.stationId,
    station_name: assigned.stationName,
    created_at: timeOf(assigned.createdAt),
    updated_at: timeOf(assigned.updatedAt),
  })),
});

export const project = v.object({
  id: described(id, 'The project’s id.', 3300187519280164),
  company_id: companyId,
  name: described(textType, 'The project’s name.', 'River levels'),
  public_key: described(
    textType,
    'Random. It names the project to those you publish it to.',
    'q3Zk1T8vYc0LbX5mWd7RfH2n',
  ),
  status: flag,
  created_at: time,
  updated_at: time,
});

export const serializeProject = (
  { id, name, publicKey, status, createdAt, updatedAt }: Project,
  tenantId: number,
): v.InferOutput<typeof project> => ({
  id,
  company_id: tenantId,
  name,
  public_key: publicKey,
  status,
  created_at: timeOf(createdAt),
  updated_at: timeOf(updatedAt),
});

/**
 * Computing an offset takes as long as the rest of a station, and most stations share few time
 * zones.
 */
const offsets = new TtlCache<string>(200);
const OFFSET_MS = 60_000;

/** The current offset of a time zone from UTC, such as `+01:00`. */
function offsetOf(timeZone: string): string {
  const now = Date.now();
  const known = offsets.get(timeZone, now);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(now).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const offset = name.replace('GMT', '') || '+00:00';
  offsets.set(timeZone, offset, now + OFFSET_MS);
  return offset;
}

export const station = v.object({
  id: stationId,
  company_id: companyId,
  project_id: described(id, 'The project that it belongs to.', 3300187519280164),
  name: described(textType, 'The station’s name.', 'Weir at the old mill'),
  code: described(textType, 'Unique in the company.', 'WEIR-0001'),
  sui: described(textType, 'The station’s code.', 'WEIR-0001'),
  reporting: described(integerType, 'Seconds.', 900),
  ref_logger_id: described(integerType, 'The kind of data logger.', 12),
  status: flag,
  location: described(v.nullable(textType), 'Where it stands, in words.', 'Mill Lane, Ely'),
  latitude: described(textType, 'Degrees north.', '52.398056'),
  longitude: described(textType, 'Degrees east.', '0.262222'),
  timezone: described(textType, 'The current offset of its time zone from UTC.', '+00:00'),
  timezone_name: described(textType, 'Of the IANA time zone database.', 'Europe/London'),
  created_at: time,
  updated_at: time,
});

export const serializeStation = (
  facts: Station,
  tenantId: number,
): v.InferOutput<typeof station> => ({
  id: facts.id,
  company_id: tenantId,
  project_id: facts.projectId,
  name: facts.name,
  code: facts.code,
  sui: facts.code,
  reporting: facts.reporting,
  ref_logger_id: facts.refLoggerId,
  status: facts.status,
  location: facts.location,
  latitude: facts.latitude,
  longitude: facts.longitude,
  timezone: offsetOf(facts.timezoneName),
  timezone_name: facts.timezoneName,
  created_at: timeOf(facts.createdAt),
  updated_at: timeOf(facts.updatedAt),
});
