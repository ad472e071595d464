/**
 * What was withdrawn and may still stand in copies. A row is written in the batch of the change and
 * names the sessions whose copies must follow: whatever becomes of the Worker then, others find it.
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
  /** Sorts by time; those of one change and cause differ in their last digits. */
  id: wi.id,
  cause: wi.cause,
  /** What the cause is about, where its sessions are yet to be found. */
  subject: wi.subject,
  /** Ids as a JSON list; null: yet to be found. */
  sessions: wi.sessions,
};

export type Withdrawal = RowOf<typeof columns>;

/** What withdraws. Another cause is added to the schema, and to the table in `work.ts`. */
export type Cause = Withdrawal['cause'];

/** Sessions of a row: what one consumer publishes within some seconds, at 6 connections. */
export const SESSIONS = 200;
/**
 * Rows of one change that are worked on at the same time: others have their turn in the queue
 * between.
 */
const AT_ONCE = 50;
/** Rows that one sweep has done. */
const LAGGING = 500;
/** Digits of a row's number among those of its change and cause. */
const DIGITS = 6;

/**
 * Lists the sessions whose ids `ids`, a query, gives: a row for each 200 of them, and none for
 * none. `cause` also tells the rows of one call apart.
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
          (row_number() OVER (ORDER BY r.${unqualified(s.id)}) - 1) / ${sql.raw(String(SESSIONS))} AS nth
        FROM (${ids}) r)
      GROUP BY nth`,
    ),
    columns,
  );

/** Lists the sessions `s` that fit, live ones, as they are before the change. */
export const withdrawLive = (
  origin: Pick<Origin, 'tenantId' | 'change' | 'now'>,
  cause: Cause,
  users: SQL,
): Statement<Withdrawal> =>
  withdraw(
    origin,
    cause,
    sql`SELECT ${s.id} FROM ${source(s)}
      WHERE ${s.revokedAt} IS NULL AND ${s.expiresAt} > ${origin.now} AND ${s.userId} IN (${users})`,
  );

/** A row whose sessions are yet to be found, where the tenant `t` fits. */
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

/** The rows of a change whose work begins at once; each of them leads to the next. */
export const firstOf = (rows: Withdrawal[]): Withdrawal[] => rows.slice(0, AT_ONCE);

/** The id of the row that follows when this one is done, if there is such a row. */
function nextOf({ id, sessions }: Withdrawal): string | null {
  if (sessions === null) return null;
  const nth = Number(id.slice(-DIGITS)) + AT_ONCE;
  return id.slice(0, -DIGITS) + String(nth).padStart(DIGITS, '0');
}

const other = aliased(withdrawals, 'other');

/**
 * Rows of each of up to a thousand tenants, the oldest first, as many as are worked on at the same
 * time.
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

/** Takes rows away whose copies agree with D1, and gives those that follow. */
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
