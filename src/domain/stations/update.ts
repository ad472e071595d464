/** Changes a station. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal, refuseAny } from '../../base/faults.ts';
import { parseAll } from '../../base/parse-all.ts';
import { aliased, source, st } from '../../db/aliases.ts';
import { sentFields } from '../../db/commit.ts';
import { complaintsOf, type Guard, passes, selectVerdicts } from '../../db/guards.ts';
import { stations } from '../../db/schema.ts';
import { differ, update } from '../../db/statements.ts';
import { notFound, visibleStations } from '../callers/visibility.ts';
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

export const updateStationInput = v.partial(v.object(fields));
type Given = Partial<v.InferOutput<typeof updateStationInput>>;

const other = aliased(stations, 'other');

const codeIsFree = (code: string | undefined): Guard => ({
  when: sql`EXISTS (
    SELECT 1 FROM ${source(other)}
    WHERE ${other.tenantId} = ${st.tenantId} AND ${other.code} = ${code ?? null}
      AND ${other.id} <> ${st.id})`,
  complaint: codeTaken,
});

/** If neither half is known yet, one alone would be half a position. */
function positionIsWhole(given: Given): Guard[] {
  const half = missingHalf(given);
  if (!half) return [];
  const { latitude, longitude } = given;
  return [
    {
      when: sql`${st.latitude} = ${NOWHERE} AND ${st.longitude} = ${NOWHERE}
        AND ${latitude ?? longitude} <> ${NOWHERE}`,
      complaint: halfPosition(half),
    },
  ];
}

const guardsOf = (given: Given): Guard[] => [codeIsFree(given.code), ...positionIsWhole(given)];

/**
 * Changes a station. Fields that are left out stay. Throws NOT_FOUND for a station that the caller
 * does not see, CONFLICT if another station has the code.
 */
export async function updateStation(
  permit: Permit<'station.update'>,
  id: number,
  raw: unknown,
): Promise<Station> {
  const { now, change, db } = permit;
  const picked = sql`${st.id} = ${id} AND ${visibleStations(permit)}`;
  const verdictsOn = (guards: Guard[]) =>
    selectVerdicts(guards, sql`FROM ${source(st)} WHERE ${picked}`);
  const given = await parseAll(updateStationInput, raw, {
    judgedBy: judgedByPosition,
    async stored(some) {
      const guards = guardsOf(some);
      return complaintsOf(guards, await db.read(verdictsOn(guards)));
    },
  });
  const guards = guardsOf(given);
  const { ref_logger_id: refLoggerId, timezone_name: timezoneName, ...others } = given;
  const wanted = { ...others, refLoggerId, timezoneName };
  const {
    verdicts,
    updated: [station],
  } = await db.batch({
    verdicts: verdictsOn(guards),
    update: update(
      st,
      { ...wanted, updatedAt: now, changeId: change },
      sql`WHERE ${picked} AND ${passes(guards)} AND ${differ(st, wanted)}`,
    ),
    event: stationEvent(
      permit,
      sql`${st.id} = ${id} AND ${st.changeId} = ${change}`,
      sentFields(raw, given),
    ),
    updated: selectStations(picked),
  });
  if (!station) throw new Refusal(notFound('station'));
  refuseAny(complaintsOf(guards, verdicts));
  return station;
}
