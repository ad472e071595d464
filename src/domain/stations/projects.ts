/** Projects, which group stations. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal, refuseAny, unauthenticated } from '../../base/faults.ts';
import { described, flag, string } from '../../base/fields.ts';
import { randomId, randomText } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import { pr, source, st, t } from '../../db/aliases.ts';
import { event, sentFields } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { complaintsOf, type Guard, passes, selectVerdicts } from '../../db/guards.ts';
import {
  type OffsetPage,
  offsetPageInput,
  readOffsetPage,
  searchField,
} from '../../db/offset-page.ts';
import { projects } from '../../db/schema.ts';
import { differ, insert, type RowOf, remove, select, update } from '../../db/statements.ts';
import { notFound, visibleProjects, visibleStations } from '../callers/visibility.ts';
import type { Permit } from '../permit.ts';
import { stationHas } from './find.ts';

const columns = {
  ...{ id: pr.id, name: pr.name, publicKey: pr.publicKey, status: pr.status },
  ...{ createdAt: pr.createdAt, updatedAt: pr.updatedAt },
};

export type Project = RowOf<typeof columns>;

const PUBLIC_KEY = 24;

const name = described(string(1, 100), 'The project’s name.', 'River levels');
const status = described(
  flag,
  'Whether the project is in use. For your own use: nothing here depends on it.',
  1,
);

export const addProjectInput = v.object({ name, status: v.optional(status, 1) });
export const updateProjectInput = v.partial(v.object({ name, status }));

/** Selects the projects `pr` that fit. */
export const selectProjects = (fits: SQL, rest = sql``): Statement<Project> =>
  select(columns, sql`FROM ${source(pr)} WHERE ${fits} ${rest}`);

const changedEvent = (
  permit: Permit<'project.add' | 'project.update' | 'project.remove'>,
  fits: SQL,
  fields?: string[],
): Statement =>
  event(
    permit,
    { action: permit.action, subject: { projectId: pr.id }, fields },
    sql`FROM ${source(pr)} WHERE ${fits}`,
  );

export const listProjectsInput = v.object({
  ...offsetPageInput,
  search: searchField(
    100,
    'Only projects whose name has this in it, or the name or code of a station that you see in ' +
      'the project, ignoring the case of Latin letters.',
  ),
});

const hasIn = (permit: Permit<'project.list'>, search: string | undefined): SQL =>
  search === undefined
    ? sql``
    : sql` AND (instr(lower(${pr.name}), lower(${search})) > 0 OR EXISTS (
        SELECT 1 FROM ${source(st)} WHERE ${st.projectId} = ${pr.id}
          AND ${visibleStations(permit)}${stationHas(search)}))`;

/** A page of the projects that the caller sees, by id. */
export function listProjects(
  permit: Permit<'project.list'>,
  raw: unknown,
): Promise<OffsetPage<Project>> {
  const { search, ...page } = parse(listProjectsInput, raw);
  const fits = sql`${visibleProjects(permit)}${hasIn(permit, search)}`;
  return readOffsetPage(permit.db, page, sql`FROM ${source(pr)} WHERE ${fits}`, (bounds) =>
    selectProjects(fits, sql`ORDER BY ${pr.id} ${bounds}`),
  );
}

/** Reads a project. Throws NOT_FOUND for a project that the caller does not see. */
export async function readProject(permit: Permit<'project.read'>, id: number): Promise<Project> {
  const [project] = await permit.db.read(
    selectProjects(sql`${pr.id} = ${id} AND ${visibleProjects(permit)}`),
  );
  if (!project) throw new Refusal(notFound('project'));
  return project;
}

/** The project with its new public key. */
export async function addProject(permit: Permit<'project.add'>, raw: unknown): Promise<Project> {
  const given = parse(addProjectInput, raw);
  const { tenantId, now, change, db } = permit;
  const id = randomId();
  const {
    project: [project],
  } = await db.batch({
    insertion: insert(
      projects,
      {
        ...{ id, tenantId: t.id, name: given.name, publicKey: randomText(PUBLIC_KEY) },
        ...{ status: given.status, createdAt: now, updatedAt: now, changeId: change },
      },
      sql`FROM ${source(t)} WHERE ${t.id} = ${tenantId} AND ${t.removedAt} IS NULL`,
    ),
    event: changedEvent(permit, sql`${pr.id} = ${id}`, sentFields(raw, given)),
    project: selectProjects(sql`${pr.id} = ${id}`),
  });
  // Only a removed tenant accepts no projects. Its key stays cached for some seconds.
  if (!project) throw unauthenticated(true);
  return project;
}

/**
 * Changes a project. Fields that are left out stay. Throws NOT_FOUND if the caller does not see it.
 */
export async function updateProject(
  permit: Permit<'project.update'>,
  id: number,
  raw: unknown,
): Promise<Project> {
  const given = parse(updateProjectInput, raw);
  const { now, change, db } = permit;
  const picked = sql`${pr.id} = ${id} AND ${visibleProjects(permit)}`;
  const {
    project: [project],
  } = await db.batch({
    update: update(
      pr,
      { ...given, updatedAt: now, changeId: change },
      sql`WHERE ${picked} AND ${differ(pr, given)}`,
    ),
    event: changedEvent(
      permit,
      sql`${pr.id} = ${id} AND ${pr.changeId} = ${change}`,
      sentFields(raw, given),
    ),
    project: selectProjects(picked),
  });
  if (!project) throw new Refusal(notFound('project'));
  return project;
}

/**
 * Removes a project and returns it as it was. Throws NOT_FOUND for a project that the caller does
 * not see, CONFLICT for a project that still has stations.
 */
export async function removeProject(
  permit: Permit<'project.remove'>,
  id: number,
): Promise<Project> {
  const picked = sql`${pr.id} = ${id} AND ${visibleProjects(permit)}`;
  const guards: Guard[] = [
    {
      when: sql`EXISTS (SELECT 1 FROM ${source(st)} WHERE ${st.projectId} = ${pr.id})`,
      complaint: {
        code: 'CONFLICT',
        path: ['id'],
        message: 'This project still has stations. Delete these first.',
      },
    },
  ];
  const removable = sql`${picked} AND ${passes(guards)}`;
  const { verdicts, removed } = await permit.db.batch({
    verdicts: selectVerdicts(guards, sql`FROM ${source(pr)} WHERE ${picked}`),
    removed: selectProjects(picked),
    event: changedEvent(permit, removable),
    removal: remove(pr, sql`WHERE ${removable}`),
  });
  const [project] = removed;
  if (!project) throw new Refusal(notFound('project'));
  refuseAny(complaintsOf(guards, verdicts));
  return project;
}
