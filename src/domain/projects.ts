/** Projects, which group stations. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal, refuseAny, unauthenticated } from '../base/faults.ts';
import { described, flag, string } from '../base/fields.ts';
import { randomId, randomText } from '../base/ids.ts';
import { parse } from '../base/text.ts';
import { changesOf, event, sentFields } from '../db/commit.ts';
import { type Statement, statement } from '../db/connect.ts';
import { type Numbered, numberedPage, readNumbered } from '../db/numbered.ts';
import { clear, complaintsOf, type Guard, judge } from './guards.ts';
import type { Permit } from './permit.ts';
import { seenProjects, unknown } from './stations/sight.ts';

export interface Project {
  id: number;
  name: string;
  publicKey: string;
  status: 0 | 1;
  createdAt: number;
  updatedAt: number;
}

const PUBLIC_KEY = 24;

const name = described(string(1, 100), 'The project’s name.', 'River levels');
const status = described(
  flag,
  'Whether the project is in use: yours to tell, nothing here depends on it.',
  1,
);

export const addProjectInput = v.object({ name, status: v.optional(status, 1) });
export const updateProjectInput = v.partial(v.object({ name, status }));

/** The projects `pr` that fit. */
export const selectProjects = (fits: SQL, rest = sql``): Statement<Project> =>
  statement<Project>(sql`
    SELECT pr.id, pr.name, pr.public_key AS publicKey, pr.status, pr.created_at AS createdAt, pr.updated_at AS updatedAt
    FROM projects pr WHERE ${fits} ${rest}`);

const changedEvent = (
  permit: Permit<'project.add' | 'project.update' | 'project.remove'>,
  fits: SQL,
  fields?: string[],
): Statement =>
  event(
    permit,
    { action: permit.action, subject: sql`json_object('projectId', pr.id)`, fields },
    sql`FROM projects pr WHERE ${fits}`,
  );

export const listProjectsInput = v.object(numberedPage);

export function listProjects(
  permit: Permit<'project.list'>,
  raw: unknown,
): Promise<Numbered<Project>> {
  const page = parse(listProjectsInput, raw);
  const fits = seenProjects(permit);
  return readNumbered(permit.db, page, sql`FROM projects pr WHERE ${fits}`, (bounds) =>
    selectProjects(fits, sql`ORDER BY pr.id ${bounds}`),
  );
}

export async function readProject(permit: Permit<'project.read'>, id: number): Promise<Project> {
  const [project] = await permit.db.read(
    selectProjects(sql`pr.id = ${id} AND ${seenProjects(permit)}`),
  );
  if (!project) throw new Refusal(unknown('project'));
  return project;
}

export async function addProject(permit: Permit<'project.add'>, raw: unknown): Promise<Project> {
  const given = parse(addProjectInput, raw);
  const { tenantId, now, change, db } = permit;
  const id = randomId();
  const {
    project: [project],
  } = await db.batch({
    insertion: statement(sql`
      INSERT INTO projects (id, tenant_id, name, public_key, status, created_at, updated_at, change_id)
      SELECT ${id}, id, ${given.name}, ${randomText(PUBLIC_KEY)}, ${given.status}, ${now}, ${now}, ${change}
      FROM tenants WHERE id = ${tenantId} AND removed_at IS NULL`),
    event: changedEvent(permit, sql`pr.id = ${id}`, sentFields(raw, given)),
    project: selectProjects(sql`pr.id = ${id}`),
  });
  // Only a removed tenant takes no projects; its key is remembered for some seconds more.
  if (!project) throw unauthenticated(true);
  return project;
}

export async function updateProject(
  permit: Permit<'project.update'>,
  id: number,
  raw: unknown,
): Promise<Project> {
  const given = parse(updateProjectInput, raw);
  const { now, change, db } = permit;
  const picked = sql`pr.id = ${id} AND ${seenProjects(permit)}`;
  const { set, differ } = changesOf('pr', given);
  const {
    project: [project],
  } = await db.batch({
    update: statement(sql`
      UPDATE projects AS pr SET ${set} updated_at = ${now}, change_id = ${change} WHERE ${picked} AND ${differ}`),
    event: changedEvent(
      permit,
      sql`pr.id = ${id} AND pr.change_id = ${change}`,
      sentFields(raw, given),
    ),
    project: selectProjects(picked),
  });
  if (!project) throw new Refusal(unknown('project'));
  return project;
}

/** The project as it was. One that still has stations is not removed. */
export async function removeProject(
  permit: Permit<'project.remove'>,
  id: number,
): Promise<Project> {
  const picked = sql`pr.id = ${id} AND ${seenProjects(permit)}`;
  const guards: Guard[] = [
    {
      when: sql`EXISTS (SELECT 1 FROM stations WHERE project_id = pr.id)`,
      complaint: {
        code: 'CONFLICT',
        path: ['id'],
        message: 'This project still has stations. Delete these first.',
      },
    },
  ];
  const removable = sql`${picked} AND ${clear(guards)}`;
  const { verdicts, projects } = await permit.db.batch({
    verdicts: judge(guards, sql`FROM projects pr WHERE ${picked}`),
    projects: selectProjects(picked),
    event: changedEvent(permit, removable),
    removal: statement(sql`DELETE FROM projects AS pr WHERE ${removable}`),
  });
  const [project] = projects;
  if (!project) throw new Refusal(unknown('project'));
  refuseAny(complaintsOf(guards, verdicts));
  return project;
}
