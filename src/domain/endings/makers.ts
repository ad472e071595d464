/** Who is to end with what made them: found in one go, and marked, so that D1 refuses them. */
import { type SQL, sql } from 'drizzle-orm';
import { em, en, k, rt, source, u } from '../../db/aliases.ts';
import { statement } from '../../db/connect.ts';
import { endingMakers, endings } from '../../db/schema.ts';
import { assignments, excluded, insert, onConflict } from '../../db/statements.ts';
import { callerUserId, levelOf } from '../callers/level.ts';
import { rootOf } from '../entities/key.ts';
import type { Permit } from '../permit.ts';

/**
 * The first row of who made what, from the ending's own. A member is the beginning, and does not
 * end.
 */
const BEGINNINGS = {
  key: sql`'key', ${en.id}, NULL`,
  member: sql`'self', NULL, CAST(${en.id} AS integer)`,
};

/** Behind the insertion of a mark: what becomes of one that is there. */
export const onMarked = onConflict(em.id, em.endingId);

/** The ids of those whom this ending ends, of these kinds, as a query in brackets. */
export type Makers = (...kinds: (typeof em.$inferSelect)['kind'][]) => SQL;

/** Those whom the ending ends whose id `ending`, a query in brackets, gives. */
export const makersOf =
  (ending: SQL): Makers =>
  (...kinds) =>
    sql`(SELECT ${em.id} AS id FROM ${source(em)}
      WHERE ${em.endingId} = ${ending} AND ${em.kind} IN ${kinds})`;

/** Notes the ending, and all who are to end with it: `from` as `endMinted` has it. */
export function markMakers(
  permit: Permit<string>,
  kind: 'key' | 'member',
  { id, ending, from }: { id: SQL; ending: SQL; from: SQL },
) {
  const { tenantId, now, change, actor, requestId, caller } = permit;
  const within =
    caller.kind === 'member'
      ? sql`coalesce(${u.memberLevel}, 4) >= ${levelOf(permit)} AND ${u.id} <> ${callerUserId(permit)}`
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
    // The pluses keep SQLite from reading all that the tenant has.
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
