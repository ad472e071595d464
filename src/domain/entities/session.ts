/**
 * The record of a session: its user and their rights in one read. D1 makes it. KV and the cache of
 * isolates hold copies.
 */
import { type SQL, sql } from 'drizzle-orm';
import { d, p, s, source, t, u, us } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { composed, listed, type RowOf, select } from '../../db/statements.ts';
import { isMarkedToEnd } from './marked.ts';
import { type PermissionKind, running } from './permission.ts';
import { actorOfSession, mayUse, mayView, readPermissions } from './support.ts';
import { shownEmail } from './user.ts';

/** The most grants, and the most stations, in a record. For a user with more, D1 is asked. */
const MAX_GRANTS = 500;

/** The running grants of the user that the session may use, as a JSON list. */
const grants = (now: number) => sql<string>`(
  SELECT json_group_array(json_array(deviceId, meterId, permission, expiresAt)) FROM (
    SELECT ${listed({
      ...{ deviceId: p.deviceId, meterId: d.meterId },
      ...{ permission: p.permission, expiresAt: p.expiresAt },
    })}
    FROM ${source(p)} JOIN ${source(d)} ON ${d.deviceId} = ${p.deviceId}
    WHERE ${p.userId} = ${s.userId} AND ${running(now)} AND ${mayUse(sql`${p.permission}`)}
    LIMIT ${MAX_GRANTS + 1}))`;

/** The ids of the user's stations that the session may see, as a JSON list. */
const assigned = sql<string>`iif(${u.memberLevel} = 1, 'null', (
  SELECT json_group_array(id) FROM (
    SELECT ${us.stationId} AS id FROM ${source(us)}
    WHERE ${us.userId} = ${u.id} AND ${mayView} LIMIT ${MAX_GRANTS + 1})))`;

/** When the session ended, which may be with its tenant or its maker. Null: it is live. */
const endedAt = (now: number) => sql<number | null>`coalesce(
  ${s.revokedAt},
  (SELECT ${t.removedAt} FROM ${source(t)} WHERE ${t.id} = ${s.tenantId}),
  iif(${isMarkedToEnd}, ${now}, NULL))`;

const columns = {
  ...{ id: s.id, tenantId: s.tenantId, userId: s.userId },
  /** Null for a member. */
  externalId: u.externalId,
  /** The address as entered. Null for an end user. */
  email: sql<string | null>`${shownEmail}`,
  ...{ hash: s.hash, createdAt: s.createdAt, renewedAt: s.renewedAt },
  ...{ renewAfter: s.renewAfter, expiresAt: s.expiresAt },
};

export interface SessionRecord extends RowOf<typeof columns> {
  /** Null: there are more than MAX_GRANTS. */
  grants: Grant[] | null;
  /**
   * The ids of the user's stations. Null: there are more than MAX_GRANTS, or the user sees all of
   * the company, as level 1 does.
   */
  stations: number[] | null;
  /** Only of a support session: who acts, and what it may do. The lists hold nothing else. */
  actor?: string;
  permissions?: PermissionKind[];
}

type Grant = [
  deviceId: string,
  meterId: string | null,
  permission: PermissionKind,
  end: number | null,
];

/** The columns of `selectRecords`. */
const columnsAt = (now: number) => ({
  ...columns,
  revokedAt: endedAt(now),
  grants: grants(now),
  stations: assigned,
  actor: actorOfSession,
  permissions: s.permissions,
});

export type RecordRow = RowOf<ReturnType<typeof columnsAt>>;

/**
 * The rows of the sessions `s` that fit, including ended ones, with the running grants and the
 * stations of their user `u`.
 */
export const selectRecords = composed(
  (fits: SQL, now: number): Statement<RecordRow> =>
    select(
      columnsAt(now),
      sql`FROM ${source(s)} JOIN ${source(u)} ON ${u.id} = ${s.userId} WHERE ${fits}`,
    ),
);

/** The record of a session that lives at `now`, in epoch milliseconds. Null for an ended one. */
export function toRecord(row: RecordRow | undefined, now: number): SessionRecord | null {
  if (!row || row.revokedAt !== null || row.expiresAt <= now) return null;
  const { revokedAt: _, grants, stations, actor, permissions, ...rest } = row;
  const record = { ...rest, grants: read<Grant>(grants), stations: read<number>(stations) };
  if (permissions === null) return record;
  return { ...record, actor: actor ?? '', permissions: readPermissions(permissions) };
}

function read<Item>(json: string): Item[] | null {
  const list = JSON.parse(json) as Item[] | null;
  return list === null || list.length > MAX_GRANTS ? null : list;
}

/** A device by either of its ids, and the permission asked for. */
export interface DeviceQuestion {
  deviceId?: string | null | undefined;
  meterId?: string | null | undefined;
  permission: PermissionKind;
}

/** What can be asked about a session. */
export type Question = DeviceQuestion | { stationId: number };

/** What a yes is about. The ids come from the record or from D1, even if the meter was named. */
export type Granted = { deviceId: string; permission: PermissionKind } | { stationId: number };

/** The running grant that answers a question with yes. Undefined if the record has none. */
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

/** Whether the record's lists can answer the question. If they are too long, D1 has to. */
export const isListed = (record: SessionRecord, question: Question): boolean =>
  ('stationId' in question ? record.stations : record.grants) !== null;

/** The answer of a record's lists to a question. Undefined for no. */
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
