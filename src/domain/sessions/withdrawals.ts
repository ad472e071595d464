/**
 * What was withdrawn and may still stand in copies. A row is written in the batch of the change and names the sessions
 * whose copies must follow: whatever becomes of the Worker then, others find it.
 */
import { type SQL, sql } from 'drizzle-orm';
import type { Origin } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';

/** What withdraws. Another cause is added here, and to the table in `work.ts`. */
export type Cause = 'session' | 'user' | 'device' | 'station' | 'key' | 'company';

export interface Withdrawal {
  tenantId: number;
  /** Sorts by time; those of one change and cause differ in their last digits. */
  id: string;
  cause: Cause;
  /** What the cause is about, where its sessions are yet to be found. */
  subject: string | null;
  /** Ids as a JSON list; null: yet to be found. */
  sessions: string | null;
}

/** Sessions of a row: what one consumer publishes within some seconds, at 6 connections. */
export const SESSIONS = 200;
/** Rows of one change that are worked on at the same time: others have their turn in the queue between. */
const AT_ONCE = 50;
/** Rows that one sweep has done. */
const LAGGING = 500;
/** Digits of a row's number among those of its change and cause. */
const DIGITS = 6;

const columns = sql.raw('tenant_id AS tenantId, id, cause, subject, sessions');

/**
 * Lists the sessions whose ids `ids`, a query, gives: a row for each 200 of them, and none for none. `cause` also
 * tells the rows of one call apart.
 */
export const withdraw = (
  { tenantId, change }: Pick<Origin, 'tenantId' | 'change'>,
  cause: Cause,
  ids: SQL,
): Statement<Withdrawal> =>
  statement<Withdrawal>(sql`
    INSERT INTO withdrawals (tenant_id, id, cause, sessions)
    SELECT ${tenantId}, ${change} || ${cause} || printf('%0${sql.raw(String(DIGITS))}d', nth), ${cause}, json_group_array(id)
    FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / ${sql.raw(String(SESSIONS))} AS nth FROM (${ids}))
    GROUP BY nth RETURNING ${columns}`);

/** Lists the sessions `s` that fit, live ones, as they are before the change. */
export const withdrawLive = (
  origin: Pick<Origin, 'tenantId' | 'change' | 'now'>,
  cause: Cause,
  users: SQL,
): Statement<Withdrawal> =>
  withdraw(
    origin,
    cause,
    sql`SELECT s.id FROM sessions s
      WHERE s.revoked_at IS NULL AND s.expires_at > ${origin.now} AND s.user_id IN (${users})`,
  );

/** A row whose sessions are yet to be found, where the tenant `t` fits. */
export const withdrawAtLarge = (
  { tenantId, change }: Pick<Origin, 'tenantId' | 'change'>,
  cause: Cause,
  subject: SQL | null,
  fits: SQL,
): Statement<Withdrawal> =>
  statement<Withdrawal>(sql`
    INSERT INTO withdrawals (tenant_id, id, cause, subject)
    SELECT t.id, ${change} || ${cause}, ${cause}, ${subject} FROM tenants t WHERE t.id = ${tenantId} AND ${fits}
    RETURNING ${columns}`);

export const idsIn = ({ sessions }: Withdrawal): string[] => JSON.parse(sessions ?? '[]');

export const selectWithdrawal = (tenantId: number, id: string): Statement<Withdrawal> =>
  statement<Withdrawal>(
    sql`SELECT ${columns} FROM withdrawals WHERE tenant_id = ${tenantId} AND id = ${id}`,
  );

/** The rows of a change whose work begins at once; each of them leads to the next. */
export const firstOf = (rows: Withdrawal[]): Withdrawal[] => rows.slice(0, AT_ONCE);

/** The id of the row that follows when this one is done, if there is such a row. */
function nextOf({ id, sessions }: Withdrawal): string | null {
  if (sessions === null) return null;
  const nth = Number(id.slice(-DIGITS)) + AT_ONCE;
  return id.slice(0, -DIGITS) + String(nth).padStart(DIGITS, '0');
}

/** Rows of each of up to a thousand tenants, the oldest first, as many as are worked on at the same time. */
export const selectLagging = (): Statement<Withdrawal> =>
  statement<Withdrawal>(sql`
    WITH RECURSIVE r(id) AS (
      SELECT min(tenant_id) FROM withdrawals
      UNION ALL SELECT (SELECT min(tenant_id) FROM withdrawals WHERE tenant_id > r.id) FROM r WHERE r.id IS NOT NULL
      LIMIT 1000)
    SELECT ${columns} FROM (
      SELECT w.* FROM r CROSS JOIN withdrawals w ON w.tenant_id = r.id AND w.id IN (
        SELECT id FROM withdrawals WHERE tenant_id = r.id ORDER BY id LIMIT ${AT_ONCE})
      ORDER BY random() LIMIT ${LAGGING})`);

/** Takes rows away whose copies agree with D1, and gives those that follow. */
export function forget(rows: Withdrawal[]) {
  const keysOf = (ids: (string | null)[]): string =>
    JSON.stringify(rows.map(({ tenantId }, at) => [tenantId, ids[at]]));
  const among = (keys: string): SQL =>
    sql`(tenant_id, id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(${keys}))`;
  return {
    removal: statement(
      sql`DELETE FROM withdrawals WHERE ${among(keysOf(rows.map(({ id }) => id)))}`,
    ),
    following: statement<Withdrawal>(
      sql`SELECT ${columns} FROM withdrawals WHERE ${among(keysOf(rows.map(nextOf)))}`,
    ),
  };
}
