/** Finds stations. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { pr, source, st } from '../../db/aliases.ts';
import {
  type CursorPage,
  type CursorPageInput,
  numberPart,
  openCursorPage,
} from '../../db/cursor-page.ts';
import {
  type OffsetPage,
  offsetPageInput,
  readOffsetPage,
  searchField,
} from '../../db/offset-page.ts';
import { select } from '../../db/statements.ts';
import { callerUserId } from '../callers/level.ts';
import { notFound, visibleProjects, visibleStations } from '../callers/visibility.ts';
import type { Permit } from '../permit.ts';
import { type Station, selectStations } from './station.ts';

export const listStationsInput = v.object({
  ...offsetPageInput,
  search: searchField(
    100,
    'Only stations whose name or code has this in it, ignoring the case of Latin letters.',
  ),
});

/** The project's index finds its stations. The search looks at each. */
export const stationHas = (search: string | undefined): SQL =>
  search === undefined
    ? sql``
    : sql` AND instr(lower(${st.name} || ' ' || ${st.code}), lower(${search})) > 0`;

/**
 * Lists the stations of a project. Throws NOT_FOUND for a project that the caller does not see.
 */
export async function listStations(
  permit: Permit<'station.list'>,
  projectId: number,
  raw: unknown,
): Promise<OffsetPage<Station>> {
  const { search, ...page } = parse(listStationsInput, raw);
  const fits = sql`${st.projectId} = ${projectId}
    AND ${visibleStations(permit)}${stationHas(search)}`;
  const { db } = permit;
  const project = sql`FROM ${source(pr)}
    WHERE ${pr.id} = ${projectId} AND ${visibleProjects(permit)}`;
  const [[found], stations] = await Promise.all([
    db.read(select({ id: pr.id }, project)),
    readOffsetPage(db, page, sql`FROM ${source(st)} WHERE ${fits}`, (bounds) =>
      selectStations(fits, sql`ORDER BY ${st.id} ${bounds}`),
    ),
  ]);
  if (!found) throw new Refusal(notFound('project'));
  return stations;
}

/** Reads a station. Throws NOT_FOUND for a station that the caller does not see. */
export async function readStation(permit: Permit<'station.read'>, id: number): Promise<Station> {
  const [station] = await permit.db.read(
    selectStations(sql`${st.id} = ${id} AND ${visibleStations(permit)}`),
  );
  if (!station) throw new Refusal(notFound('station'));
  return station;
}

const past = (after: [number] | undefined): SQL => sql`${st.id} > ${after?.[0] ?? 0}`;

/** Lists the stations that the viewer sees, by id. */
export async function stationsOfViewer(
  permit: Permit<'viewer.read'>,
  page: CursorPageInput,
): Promise<CursorPage<Station>> {
  const list = ['stations', permit.tenantId, callerUserId(permit)];
  const { limit, after, close } = openCursorPage(page, list, v.tuple([numberPart]));
  const rows = await permit.db.read(
    selectStations(
      sql`${visibleStations(permit)} AND ${past(after)}`,
      sql`ORDER BY ${st.id} LIMIT ${limit}`,
    ),
  );
  return close(rows, ({ id }) => [id]);
}
