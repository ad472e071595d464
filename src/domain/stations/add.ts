/** Adds a station. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal, refuseAny } from '../../base/faults.ts';
import { randomId } from '../../base/ids.ts';
import { parseAll } from '../../base/parse-all.ts';
import { pr, source, st } from '../../db/aliases.ts';
import { sentFields } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { stations } from '../../db/schema.ts';
import { insert, select } from '../../db/statements.ts';
import { callerUserId, levelOf } from '../callers/level.ts';
import { notFound, visibleProjects } from '../callers/visibility.ts';
import { assignStations } from '../members/assign.ts';
import type { Permit } from '../permit.ts';
import {
  codeTaken,
  fields,
  halfPosition,
  judgedByPosition,
  missingHalf,
  NOWHERE,
  type Station,
  selectStations,
  stationEvent,
} from './station.ts';

export const addStationInput = v.object({
  ...fields,
  status: v.optional(fields.status, 1),
  latitude: v.optional(fields.latitude, NOWHERE),
  longitude: v.optional(fields.longitude, NOWHERE),
  timezone_name: v.optional(fields.timezone_name, 'UTC'),
});

/**
 * Adds a station to a project that the caller sees. A caller that does not see all stations is
 * assigned to it. Throws NOT_FOUND for a project that the caller does not see, CONFLICT if another
 * station has the code.
 */
export async function addStation(
  permit: Permit<'station.add'>,
  projectId: number,
  raw: unknown,
): Promise<Station> {
  const { tenantId, now, change, db } = permit;
  const withCode = (code: string) =>
    sql`SELECT 1 FROM ${source(st)} WHERE ${st.tenantId} = ${tenantId} AND ${st.code} = ${code}`;
  const given = await parseAll(addStationInput, raw, {
    judgedBy: judgedByPosition,
    known() {
      const half = missingHalf(Object(raw));
      return half ? [halfPosition(half)] : [];
    },
    async stored({ code }) {
      if (code === undefined) return [];
      return (await db.read(statement(withCode(code)))).length > 0 ? [codeTaken] : [];
    },
  });
  const { ref_logger_id: refLoggerId, timezone_name: timezoneName, ...others } = given;
  const id = randomId();
  const project = sql`FROM ${source(pr)}
    WHERE ${pr.id} = ${projectId} AND ${visibleProjects(permit)}`;
  const taken = withCode(given.code);
  const results = await db.batch({
    project: select({ id: pr.id }, project),
    taken: statement(taken),
    insertion: insert(
      stations,
      {
        ...others,
        ...{ id, tenantId, projectId: pr.id, refLoggerId, timezoneName },
        ...{ createdAt: now, updatedAt: now, changeId: change },
      },
      sql`${project} AND NOT EXISTS (${taken})`,
    ),
    ...(levelOf(permit) === 1
      ? {}
      : { assignment: assignStations(permit, sql`${callerUserId(permit)}`, [id]) }),
    event: stationEvent(permit, sql`${st.id} = ${id}`, sentFields(raw, given)),
    stations: selectStations(sql`${st.id} = ${id}`),
  });
  if (results.project.length === 0) throw new Refusal(notFound('project'));
  refuseAny(results.taken.length > 0 ? [codeTaken] : []);
  const [station] = results.stations;
  if (!station) throw new Error('a station vanished within a batch');
  return station;
}
