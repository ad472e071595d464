/** Writes the lines of an import, and reports their outcomes. */
import { type SQL, sql } from 'drizzle-orm';
import { p, s, source, t, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { type Database, statement } from '../../db/connect.ts';
import { permissions, users } from '../../db/schema.ts';
import { insert, onConflict, select, update } from '../../db/statements.ts';
import { jsonBoolean } from '../../db/subjects.ts';
import { meantDevice } from '../entities/device.ts';
import { type PermissionKind, running } from '../entities/permission.ts';
import { modifiedBy, orRenew } from '../permissions/grant.ts';
import type { Permit } from '../permit.ts';
import { withdrawSessions } from '../sessions/end.ts';
import { isLive } from '../sessions/live.ts';
import { publish, publishEnds, publishWithdrawn } from '../sessions/publish.ts';
import { idsIn, withdrawLive } from '../sessions/withdrawals.ts';
import { type Imported, outcomesOf } from './outcome.ts';
import { isNamed, type LinesAsSql, linesAsSql, type Row } from './plan.ts';

type Importing = Permit<'user.import'>;

/** The devices that the tenant does not have, by line and position. */
const selectFaults = (tenantId: number, { named }: LinesAsSql) =>
  select(
    {
      ...{ n: sql<number>`r.value->>'n'`, kind: sql<PermissionKind>`r.value->>'k'` },
      ...{ at: sql<number>`r.value->>'at'`, meant: meantDevice(tenantId) },
    },
    sql`FROM (${named}) r WHERE r.dev IS NULL`,
  );

/** Creates the missing users, with their events. */
const creation = (permit: Importing, { lines, sound }: LinesAsSql) => ({
  insertion: insert(
    users,
    {
      ...{ id: sql`j.value->>'i'`, tenantId: t.id },
      ...{ externalId: sql`j.value->>'e'`, createdAt: permit.now },
    },
    sql`FROM json_each(${lines}) j, ${source(t)}
      WHERE ${t.id} = ${permit.tenantId} AND ${t.removedAt} IS NULL AND ${sound}
      ${onConflict(users.tenantId, users.externalId)} DO NOTHING`,
  ),
  userEvents: event(
    permit,
    { action: 'user.add', user: sql`${u.id}` },
    sql`FROM json_each(${lines}) j CROSS JOIN ${source(u)} ON ${u.id} = j.value->>'i'`,
  ),
});

/**
 * Suspends and restores users: the lines that do so, their events, the end of sessions, and the
 * change.
 */
function suspension(permit: Importing, { theirs, sound }: LinesAsSql, change: string) {
  const { tenantId, now } = permit;
  const moved = sql`${theirs} WHERE j.value->>'s' = (${u.suspendedAt} IS NULL) AND ${sound}`;
  const ends = sql`${s.userId} IN (
    SELECT ${u.id} ${theirs} WHERE j.value->>'s' = 1 AND ${sound})`;
  return {
    suspension: select({ n: sql<number>`j.value->>'n'` }, moved),
    suspensionEvents: event(
      permit,
      {
        action: 'user.update',
        user: sql`${u.id}`,
        subject: { suspended: jsonBoolean(sql`j.value->>'s'`), externalIdChanged: false },
      },
      moved,
    ),
    ...withdrawSessions({ tenantId, now, change }, 'session', ends),
    update: update(
      u,
      { suspendedAt: sql`iif(${u.suspendedAt} IS NULL, ${now}, NULL)` },
      sql`WHERE ${u.id} IN (SELECT ${u.id} ${moved})`,
    ),
  };
}

/**
 * Grants the permissions, and withdraws copies of those that are shortened. `copies` is the change
 * id of these withdrawals.
 */
function granting(permit: Importing, { wanted, theirs, sound }: LinesAsSql, copies: string) {
  const { tenantId, now, change } = permit;
  const withLines = sql`WITH ${wanted}, w AS MATERIALIZED (
    SELECT j.value->>'n' AS n, ${u.id} AS id ${theirs} WHERE ${sound})`;
  const insertion = insert(
    permissions,
    {
      ...{ userId: sql`w.id`, deviceId: sql`r.dev`, permission: sql`r.permission` },
      ...{ expiresAt: sql`r.ends`, changeId: change, tenantId },
    },
    // If a device is named twice, the entry with an end counts.
    sql`FROM r CROSS JOIN w ON w.n = r.n
      WHERE NOT (r.keep AND EXISTS (
        SELECT 1 FROM ${source(p)} WHERE ${isNamed} AND ${running(now)}))
      ORDER BY r.keep DESC, r.item ${orRenew(now, sql`1`)}`,
  );
  return {
    shortened: withdrawLive(
      { tenantId, now, change: copies },
      'user',
      sql`${withLines} SELECT w.id FROM r CROSS JOIN w ON w.n = r.n
          JOIN ${source(p)} ON ${isNamed}
        WHERE NOT r.keep AND ${running(now)}
          AND (${p.expiresAt} IS NULL OR ${p.expiresAt} > r.ends)`,
    ),
    grants: statement(sql`${withLines} ${insertion.sql}`),
  };
}

/**
 * The state after the write: the users of the lines, and live sessions of those with new grants.
 */
function result({ now, change }: Importing, { theirs }: LinesAsSql, userIds: SQL) {
  const granted = sql`${p.changeId} = ${change}`;
  return {
    found: select(
      {
        ...{ n: sql<number>`j.value->>'n'`, created: sql<0 | 1>`${u.id} = j.value->>'i'` },
        granted: sql<0 | 1>`EXISTS (
          SELECT 1 FROM ${source(p)} WHERE ${p.userId} = ${u.id} AND ${granted})`,
      },
      theirs,
    ),
    live: select(
      { id: s.id },
      sql`FROM ${source(s)}
        WHERE ${isLive(now)} AND ${s.userId} IN (
          SELECT ${p.userId} FROM ${source(p)} WHERE ${p.userId} IN ${userIds} AND ${granted})`,
    ),
  };
}

/** Writes lines to `db` in one round trip. Returns the outcomes by position. */
export async function writeLines(
  permit: Importing,
  db: Database,
  rows: Row[],
): Promise<Map<number, Imported>> {
  const { tenantId, call } = permit;
  const lines = linesAsSql(permit, rows);
  const userIds = sql`(SELECT ${u.id} ${lines.theirs})`;
  // One permit may write two batches. Their withdrawals need distinct ids.
  const copies = `${permit.change}${rows[0]?.n ?? 0}-`;

  const written = await db.batch({
    faults: selectFaults(tenantId, lines),
    ...creation(permit, lines),
    ...suspension(permit, lines, copies),
    ...granting(permit, lines, copies),
    grantEvent: modifiedBy(permit, userIds).grantEvent,
    ...result(permit, lines, userIds),
  });

  const outcomes = outcomesOf(rows, written);
  publishEnds(call, written.ended, written.withdrawn);
  publishWithdrawn(call, written.shortened);
  const listed = new Set(written.shortened.flatMap(idsIn));
  publish(
    call,
    written.live.filter(({ id }) => !listed.has(id)),
  );
  return outcomes;
}
