/**
 * Erases the data of a removed tenant in slices: the first with the removal itself, the others by
 * the sweep.
 */
import { type Column, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { changeId } from '../../base/ids.ts';
import { d, pr, s, source, st, t, u } from '../../db/aliases.ts';
import type { Origin } from '../../db/commit.ts';
import { remove, returning, select, update } from '../../db/statements.ts';
import { unassign } from '../devices/remove.ts';
import type { Call } from '../permit.ts';
import { endSessions } from '../sessions/end.ts';
import { publishEnds, publishWithdrawn } from '../sessions/publish.ts';
import { withdraw } from '../sessions/withdrawals.ts';
import { removeStations } from '../stations/erase.ts';
import { removeUsers } from '../users/remove.ts';

type Change = Pick<Origin, 'tenantId' | 'change' | 'now'>;

/** The size of one slice. A user has up to 50 live sessions, and as many permissions as devices. */
const USERS = 100;
const DEVICES = 500;
const STATIONS = 100;
/** Sessions that one statement ends. */
const SESSIONS = 2_000;
/** Slices per sweep. */
const SLICES = 40;
/** Tenants that get slices in one sweep. */
const TENANTS = 100;

/** Whether the tenant `t` is removed and not yet erased. */
const isToErase = sql`${t.removedAt} IS NOT NULL AND ${t.erasedAt} IS NULL`;

/** The id of the tenant, if it is removed and not yet erased. */
const removed = (id: number): SQL =>
  sql`(SELECT ${t.id} FROM ${source(t)} WHERE ${t.id} = ${id} AND ${isToErase})`;

/** The next users of a tenant to erase, by the indexes on their names. */
function someUsers(tenantId: SQLWrapper): SQL {
  const named = (name: Column) => sql`
    SELECT id FROM (
      SELECT ${u.id} AS id FROM ${source(u)} WHERE ${u.tenantId} = ${tenantId} AND ${name} > ''
      ORDER BY ${name} LIMIT ${USERS})`;
  return sql`(${named(u.externalId)} UNION ALL ${named(u.email)})`;
}

/** Whether all users of the tenant `t` are erased, and whether it has no rows in a table. */
const usersAreErased = sql`NOT EXISTS ${someUsers(t.id)}`;
const hasNo = (table: typeof d | typeof pr): SQL =>
  sql`NOT EXISTS (SELECT 1 FROM ${source(table)} WHERE ${table.tenantId} = ${t.id})`;

/** The next devices, stations, and empty projects of a tenant. */
const someDevices = (tenantId: SQL): SQL => sql`(
  SELECT ${d.deviceId} FROM ${source(d)} WHERE ${d.tenantId} = ${tenantId}
  ORDER BY ${d.deviceId} LIMIT ${DEVICES})`;
const someStations = (tenantId: SQL): SQL => sql`(
  SELECT ${st.id} FROM ${source(st)} WHERE ${st.tenantId} = ${tenantId}
  ORDER BY ${st.id} LIMIT ${STATIONS})`;
const someProjects = (tenantId: SQL): SQL => sql`(
  SELECT ${pr.id} FROM ${source(pr)} WHERE ${pr.tenantId} = ${tenantId}
    AND NOT EXISTS (SELECT 1 FROM ${source(st)} WHERE ${st.projectId} = ${pr.id})
  ORDER BY ${pr.id} LIMIT ${STATIONS})`;

/**
 * Erases a slice of a removed tenant's data and records the progress. Users come first, then
 * devices, which have no permissions by then, then stations and projects. Orders and events stay.
 */
export function eraseSlice(origin: Change) {
  const { tenantId: id, now, change } = origin;
  const tenantId = removed(id);
  const cleared = sql`(
    SELECT ${t.id} FROM ${source(t)} WHERE ${t.id} = ${tenantId} AND ${usersAreErased})`;
  return {
    ...removeUsers(origin, 'company', someUsers(tenantId)),
    // Right after the erasure, whose rows it counts.
    count: update(
      t,
      { erasedUsers: sql`${t.erasedUsers} + changes()` },
      sql`WHERE ${t.id} = ${tenantId} AND changes() > 0`,
    ),
    ...unassign(change, someDevices(cleared)),
    ...removeStations(someStations(cleared)),
    projects: remove(pr, sql`WHERE ${pr.id} IN ${someProjects(cleared)}`),
    erased: returning(
      update(
        t,
        { erasedAt: now },
        sql`WHERE ${t.id} = ${tenantId} AND ${usersAreErased} AND ${hasNo(d)} AND ${hasNo(pr)}`,
      ),
      { id: t.id },
    ),
  };
}

/**
 * Ends the next sessions of a removed tenant, whose users may still be there, and publishes that.
 * Returns whether more are left.
 */
export async function endTenantSessions(call: Call, tenantId: number): Promise<boolean> {
  const origin = { tenantId, now: call.now, change: changeId(call.now) };
  const some = sql`
    SELECT ${s.id} AS id FROM ${source(s)}
    WHERE ${s.tenantId} = ${removed(tenantId)} AND ${s.revokedAt} IS NULL
    ORDER BY ${s.expiresAt} LIMIT ${SESSIONS}`;
  const { withdrawn, ended } = await call.db.batch({
    withdrawn: withdraw(origin, 'company', some),
    ended: endSessions(call.now, sql`${s.id} IN (${some})`),
  });
  publishWithdrawn(call, withdrawn, []);
  return ended.length === SESSIONS;
}

/** A part of the sweep: erases slices of removed tenants, in turn. */
export async function sweepRemoved(call: Call): Promise<void> {
  const { db, now } = call;
  const turns = await db.read(
    select(
      { id: t.id },
      sql`FROM ${source(t)} WHERE ${t.id} > 0 AND ${isToErase}
        ORDER BY random() LIMIT ${TENANTS}`,
    ),
  );
  for (let slice = 0; slice < SLICES; slice++) {
    const tenant = turns.shift();
    if (!tenant) return;
    const { ended, withdrawn, erased } = await db.batch(
      eraseSlice({ tenantId: tenant.id, now, change: changeId(now) }),
    );
    publishEnds(call, ended, withdrawn);
    if (erased.length === 0) turns.push(tenant);
  }
}
