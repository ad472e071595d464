/**
 * The record of a session: who and what in one read. D1 makes it; KV and isolate memory carry
 * copies.
 */
import { type SQL, sql } from 'drizzle-orm';
import { d, p, s, source, t, u, us } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { listed, type RowOf, select } from '../../db/statements.ts';
import { isMarkedToEnd } from './marked.ts';
import { type PermissionKind, running } from './permission.ts';
import { shownEmail } from './user.ts';

/**
 * A record holds at most so many grants, and so many stations; a user who has more is asked about
 * in D1.
 */
const MAX_GRANTS = 500;

/** The running grants of a session's user, as a JSON list. */
const grants = (now: number) => sql<string>`(
  SELECT json_group_array(json_array(deviceId, meterId, permission, expiresAt)) FROM (
    SELECT ${listed({
      ...{ deviceId: p.deviceId, meterId: d.meterId },
      ...{ permission: p.permission, expiresAt: p.expiresAt },
    })}
    FROM ${source(p)} JOIN ${source(d)} ON ${d.deviceId} = ${p.deviceId}
    WHERE ${p.userId} = ${s.userId} AND ${running(now)} LIMIT ${MAX_GRANTS + 1}))`;

/** The ids of the stations that the user is assigned, as a JSON list. */
const assigned = sql<string>`iif(${u.memberLevel} = 1, 'null', (
  SELECT json_group_array(id) FROM (
    SELECT ${us.stationId} AS id FROM ${source(us)}
    WHERE ${us.userId} = ${u.id} LIMIT ${MAX_GRANTS + 1})))`;

/** When the session ended, be it with its tenant, or with what made it; null: it did not. */
const endedAt = (now: number) => sql<number | null>`coalesce(
  ${s.revokedAt},
  (SELECT ${t.removedAt} FROM ${source(t)} WHERE ${t.id} = ${s.tenantId}),
  iif(${isMarkedToEnd}, ${now}, NULL))`;

const columns = {
  ...{ id: s.id, tenantId: s.tenantId, userId: s.userId },
  /** Null for a member. */
  externalId: u.externalId,
  /** As it was given; null for an end user. */
  email: sql<string | null>`${shownEmail}`,
  ...{ hash: s.hash, createdAt: s.createdAt, renewedAt: s.renewedAt },
  ...{ renewAfter: s.renewAfter, expiresAt: s.expiresAt },
};

export interface SessionRecord extends RowOf<typeof columns> {
  /** Null: more than MAX_GRANTS. */
  grants: Grant[] | null;
  /**
   * The ids of the stations that the user is assigned. Null: more than MAX_GRANTS, or all of the
   * company, as for level 1.
   */
  stations: number[] | null;
}

type Grant = [
  deviceId: string,
  meterId: string | null,
  permission: PermissionKind,
  end: number | null,
];

/** What `selectRecords` reads. */
const columnsAt = (now: number) => ({
  ...columns,
  revokedAt: endedAt(now),
  grants: grants(now),
  stations: assigned,
});

export type RecordRow = RowOf<ReturnType<typeof columnsAt>>;

/**
 * The rows of sessions `s` that fit, ended ones included, each with the running grants and the
 * stations of its user `u`.
 */
export const selectRecords = (fits: SQL, now: number): Statement<RecordRow> =>
  select(
    columnsAt(now),
    sql`FROM ${source(s)} JOIN ${source(u)} ON ${u.id} = ${s.userId} WHERE ${fits}`,
  );

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

/**
 * What a yes is about. The ids are those of the record or of D1, also where the meter was named.
 */
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
