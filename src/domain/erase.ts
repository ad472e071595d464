/** Erasing what a removed tenant had: slice by slice, the first with the removal itself, the others by the sweep. */
import { type SQL, sql } from 'drizzle-orm';
import { changeId } from '../base/ids.ts';
import type { Origin } from '../db/commit.ts';
import { statement } from '../db/connect.ts';
import { unassign } from './devices/remove.ts';
import type { Call } from './permit.ts';
import { endSessions } from './sessions/end.ts';
import { publishEnds, publishWithdrawn } from './sessions/publish.ts';
import { withdraw } from './sessions/withdrawals.ts';
import { removeStations } from './stations/erase.ts';
import { removeUsers } from './users/remove.ts';

type Change = Pick<Origin, 'tenantId' | 'change' | 'now'>;

/** Of one slice. A user has up to 50 live sessions, and as many permissions as devices. */
const USERS = 100;
const DEVICES = 500;
const STATIONS = 100;
/** Sessions that end with one statement. */
const SESSIONS = 2_000;
/** Slices of one sweep. */
const SLICES = 40;
/** Tenants that have a slice in turns. */
const TENANTS = 100;

/** The tenant's id, if it is removed and not erased. */
const removed = (id: number): SQL =>
  sql`(SELECT id FROM tenants WHERE id = ${id} AND removed_at IS NOT NULL AND erased_at IS NULL)`;

/** The next users of a tenant who are not erased, through the indexes that name them. */
const someUsers = (tenantId: SQL): SQL => sql`(
  SELECT id FROM (SELECT id FROM users WHERE tenant_id = ${tenantId} AND external_id > '' ORDER BY external_id LIMIT ${USERS})
  UNION ALL SELECT id FROM (SELECT id FROM users WHERE tenant_id = ${tenantId} AND email > '' ORDER BY email LIMIT ${USERS}))`;

/**
 * Takes away a slice of what a tenant had, if it is removed, and says so in its row: users first, then the devices, on
 * which nobody has a permission then, stations and projects. Orders and events stay.
 */
export function eraseSlice(origin: Change) {
  const { tenantId: id, now, change } = origin;
  const tenantId = removed(id);
  const users = someUsers(tenantId);
  const isEmpty = (table: string): SQL =>
    sql`NOT EXISTS (SELECT 1 FROM ${sql.raw(table)} WHERE tenant_id = tenants.id)`;
  const usersAreErased = sql`NOT EXISTS ${someUsers(sql`tenants.id`)}`;
  const cleared = sql`(SELECT id FROM tenants WHERE id = ${tenantId} AND ${usersAreErased})`;
  const stations = sql`(SELECT id FROM stations WHERE tenant_id = ${cleared} ORDER BY id LIMIT ${STATIONS})`;
  return {
    ...removeUsers(origin, 'company', users),
    // Right behind the erasure, whose rows it counts.
    count: statement(
      sql`UPDATE tenants SET erased_users = erased_users + changes() WHERE id = ${tenantId} AND changes() > 0`,
    ),
    ...unassign(
      change,
      sql`(SELECT device_id FROM devices WHERE tenant_id = ${cleared} ORDER BY device_id LIMIT ${DEVICES})`,
    ),
    ...removeStations(stations),
    projects: statement(sql`
      DELETE FROM projects WHERE id IN (
        SELECT p.id FROM projects p WHERE p.tenant_id = ${cleared}
          AND NOT EXISTS (SELECT 1 FROM stations st WHERE st.project_id = p.id) ORDER BY p.id LIMIT ${STATIONS})`),
    erased: statement(sql`
      UPDATE tenants SET erased_at = ${now}
      WHERE id = ${tenantId} AND ${usersAreErased} AND ${isEmpty('devices')} AND ${isEmpty('projects')} RETURNING id`),
  };
}

/** Ends the next sessions of a removed tenant, however long its users are still there, and publishes that. Whether more are left. */
export async function endSlice(call: Call, tenantId: number): Promise<boolean> {
  const origin = { tenantId, now: call.now, change: changeId(call.now) };
  const some = sql`
    SELECT s.id FROM sessions s WHERE s.tenant_id = ${removed(tenantId)} AND s.revoked_at IS NULL
    ORDER BY s.expires_at LIMIT ${SESSIONS}`;
  const { withdrawn, ended } = await call.db.batch({
    withdrawn: withdraw(origin, 'company', some),
    ended: endSessions(call.now, sql`s.id IN (${some})`),
  });
  publishWithdrawn(call, withdrawn, []);
  return ended.length === SESSIONS;
}

/** A part of the sweep: slices of tenants that are removed and not erased, in turns. */
export async function sweepRemoved(call: Call): Promise<void> {
  const { db, now } = call;
  const turns = await db.read(
    statement<{ id: number }>(sql`
      SELECT id FROM tenants WHERE id > 0 AND removed_at IS NOT NULL AND erased_at IS NULL
      ORDER BY random() LIMIT ${TENANTS}`),
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
