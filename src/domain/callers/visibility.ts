/** Which projects, stations and sensors a caller sees. */
import { type Column, type SQL, sql } from 'drizzle-orm';
import type { Complaint } from '../../base/faults.ts';
import { pr, se, source, st, us } from '../../db/aliases.ts';
import type { Permit } from '../permit.ts';
import { callerUserId, levelOf } from './level.ts';

const seesAll = ({ caller }: Permit<string>): boolean =>
  caller.kind === 'key' || (caller.kind === 'member' && caller.level === 1);

/** Whether `id` is the one that a path names, where it names one. */
const isNamed = (id: Column, named: number | undefined): SQL =>
  named === undefined ? sql`` : sql` AND ${id} = ${named}`;

/**
 * The condition that picks from stations `st` those that the caller sees: of the tenant all, or what
 * is assigned; and of these the one that the path lies in.
 */
export function visibleStations(permit: Permit<string>): SQL {
  const { project, station } = permit.parents;
  const named = sql`${isNamed(st.projectId, project)}${isNamed(st.id, station)}`;
  const ours = sql`${st.tenantId} = ${permit.tenantId}${named}`;
  if (seesAll(permit)) return ours;
  return sql`${ours} AND ${st.id} IN (
    SELECT ${us.stationId} FROM ${source(us)} WHERE ${us.userId} = ${callerUserId(permit)})`;
}

/** The same of sensors `se`, whose stations `st` the caller sees. */
export const visibleSensors = (permit: Permit<string>): SQL =>
  sql`${visibleStations(permit)}${isNamed(se.id, permit.parents.sensor)}`;

/**
 * The condition that picks from projects `pr` those that the caller sees: levels 1 and 2 see all,
 * the others those with a station of theirs.
 */
export function visibleProjects(permit: Permit<string>): SQL {
  const ours = sql`${pr.tenantId} = ${permit.tenantId}`;
  if (levelOf(permit) <= 2) return ours;
  return sql`${ours} AND ${pr.id} IN (
    SELECT ${st.projectId} FROM ${source(st)} WHERE ${visibleStations(permit)})`;
}

/** One that is not there and one that the caller does not see look the same. */
export const notFound = (noun: string): Complaint => ({
  code: 'NOT_FOUND',
  path: ['id'],
  message: `There is no such ${noun}, or you cannot see it.`,
});
