/** The record of a session: who and what in one read. D1 makes it; KV and isolate memory carry copies. */
import { type SQL, sql } from 'drizzle-orm';
import { type Statement, statement } from '../../db/connect.ts';
import { isMarked } from '../made/marked.ts';
import { type PermissionKind, running } from '../permissions/permission.ts';
import { shownEmail } from '../users/user.ts';

/** A record holds at most so many grants, and so many stations; a user who has more is asked about in D1. */
const MAX_GRANTS = 500;

export interface SessionRecord {
  id: string;
  tenantId: number;
  userId: number;
  /** Null for a member. */
  externalId: string | null;
  /** As it was given; null for an end user. */
  email: string | null;
  hash: string;
  createdAt: number;
  renewedAt: number;
  renewAfter: number;
  expiresAt: number;
  /** Null: more than MAX_GRANTS. */
  grants: Grant[] | null;
  /** The ids of the stations that the user is assigned. Null: more than MAX_GRANTS, or all of the company, as for level 1. */
  stations: number[] | null;
}

type Grant = [
  deviceId: string,
  meterId: string | null,
  permission: PermissionKind,
  end: number | null,
];

/** A row that `selectRecords` reads. */
export interface RecordRow extends Omit<SessionRecord, 'grants' | 'stations'> {
  revokedAt: number | null;
  grants: string;
  stations: string;
}

/**
 * The rows of sessions `s` that fit, ended ones included (be it with their tenant, or with what
 * made them), each with the running grants and the stations of its user.
 */
export const selectRecords = (fits: SQL, now: number): Statement<RecordRow> =>
  statement<RecordRow>(sql`
    SELECT s.id, s.tenant_id AS tenantId, s.user_id AS userId, u.external_id AS externalId, ${shownEmail} AS email, s.hash,
      s.created_at AS createdAt, s.renewed_at AS renewedAt, s.renew_after AS renewAfter, s.expires_at AS expiresAt,
      coalesce(s.revoked_at, (SELECT removed_at FROM tenants WHERE id = s.tenant_id), iif(${isMarked}, ${now}, NULL)) AS revokedAt, (
        SELECT json_group_array(json_array(deviceId, meterId, permission, expiresAt)) FROM (
          SELECT p.device_id AS deviceId, d.meter_id AS meterId, p.permission, p.expires_at AS expiresAt
          FROM permissions p JOIN devices d ON d.device_id = p.device_id
          WHERE p.user_id = s.user_id AND ${running(now)} LIMIT ${MAX_GRANTS + 1})) AS grants,
      iif(u.member_level = 1, 'null', (
        SELECT json_group_array(id) FROM (SELECT station_id AS id FROM user_stations WHERE user_id = u.id LIMIT ${MAX_GRANTS + 1}))) AS stations
    FROM sessions s JOIN users u ON u.id = s.user_id WHERE ${fits}`);

/** The record of a live session; null for an ended one. */
export function toRecord(row: RecordRow | undefined, now: number): SessionRecord | null {
  if (!row || row.revokedAt !== null || row.expiresAt <= now) return null;
  const { revokedAt: _, grants, stations, ...rest } = row;
  return { ...rest, grants: read(grants), stations: read(stations) };
}

function read<Item>(json: string): Item[] | null {
  const list = JSON.parse(json) as Item[] | null;
  return list === null || list.length > MAX_GRANTS ? null : list;
}

/** A device by either of its ids, and what is to be done on it. */
export interface DeviceQuestion {
  deviceId?: string | null | undefined;
  meterId?: string | null | undefined;
  permission: PermissionKind;
}

/** What a session may be asked for. */
export type Question = DeviceQuestion | { stationId: number };

/** What a yes is about. The ids are those of the record or of D1, also where the meter was named. */
export type Granted = { deviceId: string; permission: PermissionKind } | { stationId: number };

/** The grant that answers a question with yes; undefined when the record holds none that runs. */
export function grantFor(
  { grants }: SessionRecord,
  { deviceId, meterId, permission }: DeviceQuestion,
  now: number,
): { deviceId: string; meterId: string | null; expiresAt: number | null } | undefined {
  const held = grants?.find(
    (grant) =>
      grant[2] === permission &&
      (deviceId == null ? grant[1] === meterId : grant[0] === deviceId) &&
      (grant[3] === null || grant[3] > now),
  );
  return held && { deviceId: held[0], meterId: held[1], expiresAt: held[3] };
}

/** Whether the record's lists can answer the question: where they are too long, D1 has to. */
export const isListed = (record: SessionRecord, question: Question): boolean =>
  ('stationId' in question ? record.stations : record.grants) !== null;

/** What a record's lists say to a question; undefined for no. */
export function grantedIn(
  record: SessionRecord,
  question: Question,
  now: number,
): Granted | undefined {
  if ('stationId' in question) {
    const { stationId } = question;
    return record.stations?.includes(stationId) ? { stationId } : undefined;
  }
  const grant = grantFor(record, question, now);
  return grant && { deviceId: grant.deviceId, permission: question.permission };
}
