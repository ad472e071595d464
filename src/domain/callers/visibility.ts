/** Visibility: which projects, stations and sensors a caller sees. */
import { type Column, type SQL, sql } from 'drizzle-orm';
import type { Complaint } from '../../base/faults.ts';
import { pr, se, source, st, u, us } from '../../db/aliases.ts';
import type { Permit } from '../permit.ts';
import { callerUserId, levelOf } from './level.ts';

/** A support session that may read nothing sees no station. */
const maySee = ({ caller }: Permit<string>): boolean =>
  caller.kind !== 'endUser' || caller.support?.permissions.includes('VIEW') !== false;

const seesAll = ({ caller }: Permit<string>): boolean =>
  caller.kind === 'key' || (caller.kind === 'member' && caller.level === 1);

/** The condition that `id` is the one in the path, if the path names one. */
const isNamed = (id: Column, named: number | undefined): SQL =>
  named === undefined ? sql`` : sql` AND ${id} = ${named}`;

/**
 * The condition for stations `st` that the caller sees: all of the tenant or the assigned ones, and
 * only those in the parents that the path names.
 */
export function visibleStations(permit: Permit<string>): SQL {
  const { project, station } = permit.parents;
  const named = sql`${isNamed(st.projectId, project)}${isNamed(st.id, station)}`;
  const ours = sql`${st.tenantId} = ${permit.tenantId}${named}`;
  if (seesAll(permit)) return ours;
  return sql`${ours} AND ${maySee(permit) ? 1 : 0} AND ${st.id} IN (
    SELECT ${us.stationId} FROM ${source(us)} WHERE ${us.userId} = ${callerUserId(permit)})`;
}

/** Whether the user `u` sees stations that the caller does not. */
export const seesMore = (permit: Permit<string>): SQL => sql`EXISTS (
  SELECT 1 FROM ${source(us)} WHERE ${us.userId} = ${u.id} AND NOT EXISTS (
    SELECT 1 FROM ${source(st)}
    WHERE ${st.id} = ${us.stationId} AND ${visibleStations(permit)}))`;

export const SEES_MORE = 'This user sees stations that you do not.';

/** The same for sensors `se`, joined with their stations `st`. */
export const visibleSensors = (permit: Permit<string>): SQL =>
  sql`${visibleStations(permit)}${isNamed(se.id, permit.parents.sensor)}`;

/**
 * The condition for projects `pr` that the caller sees. Levels 1 and 2 see all, the others those
 * with a station of theirs.
 */
export function visibleProjects(permit: Permit<string>): SQL {
  const ours = sql`${pr.tenantId} = ${permit.tenantId}`;
  if (levelOf(permit) <= 2) return ours;
  return sql`${ours} AND ${pr.id} IN (
    SELECT ${st.projectId} FROM ${source(st)} WHERE ${visibleStations(permit)})`;
}

/** A missing thing and one that the caller cannot see give the same answer. */
export const notFound = (noun: string): Complaint => ({
  code: 'NOT_FOUND',
  path: ['id'],
  message: `There is no such ${noun}, or you cannot see it.`,
});
