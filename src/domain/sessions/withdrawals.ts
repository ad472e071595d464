/**
 * Withdrawals: what was taken away and may still be in copies. A row is written in the batch of the
 * change, and lists the sessions whose copies must be updated. If the Worker dies, others find the
 * row.
 */
import { type SQL, sql } from 'drizzle-orm';
import { aliased, s, source, t, wi } from '../../db/aliases.ts';
import type { Origin } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';
import { withdrawals } from '../../db/schema.ts';
import {
  insert,
  listed,
  type RowOf,
  remove,
  returning,
  select,
  unqualified,
} from '../../db/statements.ts';

const columns = {
  tenantId: wi.tenantId,
  /** Sorts by time. The ids of one change and cause differ in their last digits. */
  id: wi.id,
  cause: wi.cause,
  /** What the cause is about, if its sessions are not listed yet. */
  subject: wi.subject,
  /** Ids as a JSON list. Null: not listed yet. */
  sessions: wi.sessions,
};

export type Withdrawal = RowOf<typeof columns>;

/** The causes of withdrawals. A new one also needs an entry in the schema and in `work.ts`. */
export type Cause = Withdrawal['cause'];

/** Sessions per row: as many as one consumer publishes within some seconds with 6 connections. */
export const SESSIONS = 200;
/**
 * Rows of one change that are processed at the same time, so that other changes get their turn in
 * the queue.
 */
const AT_ONCE = 50;
/** The most rows in one sweep. */
const LAGGING = 500;
/** Digits of a row's number within its change and cause. */
const DIGITS = 6;

/**
 * Writes a row for each 200 of the session ids that the query `ids` returns, and none if there are
 * none. `cause` also keeps the rows of one call apart.
 */
export const withdraw = (
  { tenantId, change }: Pick<Origin, 'tenantId' | 'change'>,
  cause: Cause,
  ids: SQL,
): Statement<Withdrawal> =>
  returning(
    insert(
      withdrawals,
      {
        ...{ tenantId, cause, sessions: sql`json_group_array(id)` },
        id: sql`${change} || ${cause} || printf('%0${sql.raw(String(DIGITS))}d', nth)`,
      },
      sql`FROM (
        SELECT r.${unqualified(s.id)} AS id,
          (row_number() OVER (ORDER BY r.${unqualified(s.id)}) - 1)
            / ${sql.raw(String(SESSIONS))} AS nth
        FROM (${ids}) r)
      GROUP BY nth`,
    ),
    columns,
  );

/** Writes rows for the live sessions of `users`, as they are before the change. */
export const withdrawLive = (
  origin: Pick<Origin, 'tenantId' | 'change' | 'now'>,
  cause: Cause,
  users: SQL,
): Statement<Withdrawal> =>
  withdraw(
    origin,
    cause,
    sql`SELECT ${s.id} FROM ${source(s)}
      WHERE ${s.revokedAt} IS NULL AND ${s.expiresAt} > ${origin.now}
        AND ${s.userId} IN (${users})`,
  );

/** Writes a row without a list of sessions, if the tenant `t` fits. They are found later. */
export const withdrawAtLarge = (
  { tenantId, change }: Pick<Origin, 'tenantId' | 'change'>,
  cause: Cause,
  subject: SQL | null,
  fits: SQL,
): Statement<Withdrawal> =>
  returning(
    insert(
      withdrawals,
      { tenantId: t.id, id: sql`${change} || ${cause}`, cause, subject },
      sql`FROM ${source(t)} WHERE ${t.id} = ${tenantId} AND ${fits}`,
    ),
    columns,
  );

const selectRows = (fits: SQL): Statement<Withdrawal> =>
  select(columns, sql`FROM ${source(wi)} WHERE ${fits}`);

/** The ids of the sessions that a row lists. */
export const idsIn = ({ sessions }: Withdrawal): string[] => JSON.parse(sessions ?? '[]');

/** One row, if its work is not done. */
export const selectWithdrawal = (tenantId: number, id: string): Statement<Withdrawal> =>
  selectRows(sql`${wi.tenantId} = ${tenantId} AND ${wi.id} = ${id}`);

/** The rows of a change that are processed first. Each leads to another one. */
export const firstOf = (rows: Withdrawal[]): Withdrawal[] => rows.slice(0, AT_ONCE);

/** The id of the row that follows this one, if there is one. */
function nextOf({ id, sessions }: Withdrawal): string | null {
  if (sessions === null) return null;
  const nth = Number(id.slice(-DIGITS)) + AT_ONCE;
  return id.slice(0, -DIGITS) + String(nth).padStart(DIGITS, '0');
}

const other = aliased(withdrawals, 'other');

/**
 * The oldest rows of up to a thousand tenants, as many of each as are processed at the same time.
 */
export const selectLagging = (): Statement<Withdrawal> => {
  const least = sql`SELECT min(${other.tenantId}) FROM ${source(other)}`;
  const oldest = sql`
    SELECT ${other.id} FROM ${source(other)} WHERE ${other.tenantId} = r.tenant
    ORDER BY ${other.id} LIMIT ${AT_ONCE}`;
  return statement<Withdrawal>(sql`
    WITH RECURSIVE r(tenant) AS (
      ${least}
      UNION ALL SELECT (${least} WHERE ${other.tenantId} > r.tenant) FROM r
        WHERE r.tenant IS NOT NULL
      LIMIT 1000)
    SELECT ${listed(columns)}
    FROM r CROSS JOIN ${source(wi)} ON ${wi.tenantId} = r.tenant AND ${wi.id} IN (${oldest})
    ORDER BY random() LIMIT ${LAGGING}`);
};

/** Deletes rows whose copies agree with D1, and returns the rows that follow. */
export function forget(rows: Withdrawal[]) {
  const isAmong = (ids: (string | null)[]): SQL => {
    const keys = JSON.stringify(rows.map(({ tenantId }, at) => [tenantId, ids[at]]));
    return sql`(${wi.tenantId}, ${wi.id}) IN (
      SELECT j.value ->> 0, j.value ->> 1 FROM json_each(${keys}) j)`;
  };
  return {
    removal: remove(wi, sql`WHERE ${isAmong(rows.map(({ id }) => id))}`),
    following: selectRows(isAmong(rows.map(nextOf))),
  };
}
