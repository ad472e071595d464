/** Erasing what a removed tenant had: slice by slice, the first with the removal itself, the others by the sweep. */
import { type SQL, sql } from 'drizzle-orm';
import { changeId } from '../base/ids.ts';
import { statement } from '../db/connect.ts';
import { unassign } from './devices/remove.ts';
import type { Call } from './permit.ts';
import { publishEnds } from './sessions/publish.ts';
import { removeStations } from './stations/erase.ts';
import { removeUsers } from './users/remove.ts';

/** Of one slice. A user has up to 50 live sessions, and as many permissions as devices. */
const USERS = 100;
const DEVICES = 500;
const STATIONS = 100;
/** Slices of one sweep, and the copies that it deletes, of the 1,000 KV operations of an invocation: others find the rest. */
const SLICES = 40;
export const COPIES = 700;

/** The next users of a tenant who are not erased, through the indexes that name them. */
const someUsers = (tenantId: SQL): SQL => sql`(
  SELECT id FROM (SELECT id FROM users WHERE tenant_id = ${tenantId} AND external_id > '' ORDER BY external_id LIMIT ${USERS})
  UNION ALL SELECT id FROM (SELECT id FROM users WHERE tenant_id = ${tenantId} AND email > '' ORDER BY email LIMIT ${USERS}))`;

/**
 * Takes away a slice of what a tenant had, if it is removed, and says so in its row: users first, then the devices, on
 * which nobody has a permission then, stations and projects. Orders and events stay.
 */
export function eraseSlice(id: number, now: number, change: string) {
  const tenantId = sql`(SELECT id FROM tenants WHERE id = ${id} AND removed_at IS NOT NULL AND erased_at IS NULL)`;
  const users = someUsers(tenantId);
  const isEmpty = (table: string): SQL =>
    sql`NOT EXISTS (SELECT 1 FROM ${sql.raw(table)} WHERE tenant_id = tenants.id)`;
  const usersAreErased = sql`NOT EXISTS ${someUsers(sql`tenants.id`)}`;
  const cleared = sql`(SELECT id FROM tenants WHERE id = ${tenantId} AND ${usersAreErased})`;
  const stations = sql`(SELECT id FROM stations WHERE tenant_id = ${cleared} ORDER BY id LIMIT ${STATIONS})`;
  return {
    ...removeUsers(now, users),
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
    end: statement(sql`
      UPDATE tenants SET erased_at = ${now}
      WHERE id = ${tenantId} AND ${usersAreErased} AND ${isEmpty('devices')} AND ${isEmpty('projects')}`),
  };
}

/**
 * A part of the sweep: slices of tenants that are removed and not erased. `copies`: how many it has
 * deleted before.
 */
export async function sweepRemoved(call: Call, copies: number): Promise<void> {
  let deleted = copies;
  for (let slice = 0; slice < SLICES && deleted < COPIES; slice++) {
    const [tenant] = await call.db.read(
      statement<{ id: number }>(sql`
        SELECT id FROM tenants WHERE id > 0 AND removed_at IS NOT NULL AND erased_at IS NULL ORDER BY id LIMIT 1`),
    );
    if (!tenant) return;
    const { ended } = await call.db.batch(eraseSlice(tenant.id, call.now, changeId(call.now)));
    publishEnds(call, ended.slice(0, COPIES - deleted));
    deleted += ended.length;
  }
}
