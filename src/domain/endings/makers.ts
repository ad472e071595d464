/**
 * Finds all makers that end together, in one statement, and marks them, so that D1 refuses their
 * sessions.
 */
import { type SQL, sql } from 'drizzle-orm';
import { em, en, k, rt, source, u } from '../../db/aliases.ts';
import { statement } from '../../db/connect.ts';
import { endingMakers, endings } from '../../db/schema.ts';
import { assignments, excluded, insert, onConflict } from '../../db/statements.ts';
import { callerUserId, levelOf } from '../callers/level.ts';
import { rootOf } from '../entities/key.ts';
import type { Permit } from '../permit.ts';

/** The first row of the recursion. A member is only the start, and does not end. */
const BEGINNINGS = {
  key: sql`'key', ${en.id}, NULL`,
  member: sql`'self', NULL, CAST(${en.id} AS integer)`,
};

/** ON CONFLICT for the insertion of marks. */
export const onMarked = onConflict(em.id, em.endingId);

/** A query in brackets for the ids of the makers of these kinds that an ending ends. */
export type Makers = (...kinds: (typeof em.$inferSelect)['kind'][]) => SQL;

/** The makers that an ending ends. `ending`: a query in brackets for its id. */
export const makersOf =
  (ending: SQL): Makers =>
  (...kinds) =>
    sql`(SELECT ${em.id} AS id FROM ${source(em)}
      WHERE ${em.endingId} = ${ending} AND ${em.kind} IN ${kinds})`;

/** Stores the ending and all makers that end with it. `from` as in `endMinted`. */
export function markMakers(
  permit: Permit<string>,
  kind: 'key' | 'member',
  { id, ending, from }: { id: SQL; ending: SQL; from: SQL },
) {
  const { tenantId, now, change, actor, requestId, caller } = permit;
  const within =
    caller.kind === 'member'
      ? sql`coalesce(${u.memberLevel}, 4) >= ${levelOf(permit)}
          AND ${u.id} <> ${callerUserId(permit)}`
      : sql`1`;
  const by = ({ madeBy, madeByUser }: typeof k | typeof rt | typeof u) =>
    sql`(${madeBy} = r.maker OR ${madeByUser} = r.member)`;
  const values = {
    ...{ id: sql`coalesce(r.maker, CAST(r.member AS text))`, endingId: ending, kind: sql`r.kind` },
    until: sql`iif(r.member IS NULL, NULL, ${now})`,
  };
  const marks = insert(
    endingMakers,
    values,
    sql`FROM r WHERE r.kind <> 'self'
      ${onMarked} DO UPDATE SET ${assignments(em, { until: excluded(em.until) })}`,
  );
  return {
    mintedEnding: insert(
      endings,
      { id, tenantId, actor: JSON.stringify(actor), requestId, changeId: change },
      sql`${from} ${onConflict(en.id)}
        DO UPDATE SET ${assignments(en, { changeId: excluded(en.changeId) })}`,
    ),
    // The plus signs keep SQLite from reading everything of the tenant.
    mintedMakers: statement(sql`
      WITH RECURSIVE r(kind, maker, member) AS (
        SELECT ${BEGINNINGS[kind]} FROM ${source(en)} WHERE ${en.id} = ${ending}
        UNION SELECT 'key', ${rootOf}, NULL FROM r JOIN ${source(k)} ON ${by(k)}
        WHERE +${k.tenantId} = ${tenantId}
        UNION SELECT 'token', ${rt.id}, NULL FROM r JOIN ${source(rt)} ON ${by(rt)}
        JOIN ${source(u)} ON ${u.id} = ${rt.userId}
        WHERE ${rt.tenantId} = ${tenantId} AND ${within}
        UNION SELECT 'member', NULL, ${u.id} FROM r JOIN ${source(u)} ON ${by(u)}
        WHERE +${u.tenantId} = ${tenantId} AND ${within})
      ${marks.sql}`),
  };
}
