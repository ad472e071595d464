/** Changing a station. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal, refuseAny } from '../../base/faults.ts';
import { parseAll } from '../../base/parse-all.ts';
import { changesOf, sentFields } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { clear, complaintsOf, type Guard, judge } from '../guards.ts';
import type { Permit } from '../permit.ts';
import { seen, unknown } from './sight.ts';
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

const codeIsFree = (code: string | undefined): Guard => ({
  when: sql`EXISTS (SELECT 1 FROM stations o WHERE o.tenant_id = st.tenant_id AND o.code = ${code ?? null} AND o.id <> st.id)`,
  complaint: codeTaken,
});

/** Where neither is known yet, one of them alone would be half a position. */
function positionIsWhole(given: Given): Guard[] {
  const half = missingHalf(given);
  if (!half) return [];
  const { latitude, longitude } = given;
  return [
    {
      when: sql`st.latitude = ${NOWHERE} AND st.longitude = ${NOWHERE}
        AND ${latitude ?? longitude} <> ${NOWHERE}`,
      complaint: halfPosition(half),
    },
  ];
}

const guardsOf = (given: Given): Guard[] => [codeIsFree(given.code), ...positionIsWhole(given)];

export async function updateStation(
  permit: Permit<'station.update'>,
  id: number,
  raw: unknown,
): Promise<Station> {
  const { now, change, db } = permit;
  const picked = sql`st.id = ${id} AND ${seen(permit)}`;
  const verdictsOn = (guards: Guard[]) => judge(guards, sql`FROM stations st WHERE ${picked}`);
  const given = await parseAll(updateStationInput, raw, {
    judgedBy: judgedByPosition,
    async stored(some) {
      const guards = guardsOf(some);
      return complaintsOf(guards, await db.read(verdictsOn(guards)));
    },
  });
  const guards = guardsOf(given);
  const { set, differ } = changesOf('st', given);
  const { verdicts, stations } = await db.batch({
    verdicts: verdictsOn(guards),
    update: statement(sql`
      UPDATE stations AS st SET ${set} updated_at = ${now}, change_id = ${change}
      WHERE ${picked} AND ${clear(guards)} AND ${differ}`),
    event: stationEvent(
      permit,
      sql`st.id = ${id} AND st.change_id = ${change}`,
      sentFields(raw, given),
    ),
    stations: selectStations(picked),
  });
  const [station] = stations;
  if (!station) throw new Refusal(unknown('station'));
  refuseAny(complaintsOf(guards, verdicts));
  return station;
}
