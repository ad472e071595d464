/** Projects. */
import * as v from 'valibot';
import {
  addProject,
  addProjectInput,
  listProjects,
  listProjectsInput,
  readProject,
  removeProject,
  updateProject,
  updateProjectInput,
} from '../domain/stations/projects.ts';
import { type Route, route } from './route.ts';
import { paging, project, serializePaging, serializeProject } from './serializers.ts';

const data = v.object({ project });
const tag = 'Projects';

export const projects: Route[] = [
  route({
    method: 'get',
    path: '/project',
    name: 'listProjects',
    tag,
    summary: 'The projects that you see. Levels 3 and 4 see those with a station of theirs.',
    action: 'project.list',
    query: listProjectsInput,
    data: v.object({ projects: v.array(project), paging }),
    async answer(permit, { query }) {
      const { rows, paging } = await listProjects(permit, query);
      return {
        projects: rows.map((facts) => serializeProject(facts, permit.tenantId)),
        paging: serializePaging(paging),
      };
    },
  }),
  route({
    method: 'post',
    path: '/project',
    name: 'addProject',
    tag,
    summary: 'Creates a project.',
    action: 'project.add',
    body: addProjectInput,
    data,
    async answer(permit, { body }) {
      return { project: serializeProject(await addProject(permit, body), permit.tenantId) };
    },
  }),
  route({
    method: 'get',
    path: '/project/:id',
    name: 'readProject',
    tag,
    summary: 'One project.',
    action: 'project.read',
    data,
    async answer(permit, { id }) {
      return { project: serializeProject(await readProject(permit, id), permit.tenantId) };
    },
  }),
  route({
    method: 'patch',
    path: '/project/:id',
    name: 'updateProject',
    tag,
    summary: 'Changes a project. Fields that are left out stay.',
    action: 'project.update',
    body: updateProjectInput,
    data,
    async answer(permit, { id, body }) {
      return { project: serializeProject(await updateProject(permit, id, body), permit.tenantId) };
    },
  }),
  route({
    method: 'delete',
    path: '/project/:id',
    name: 'removeProject',
    tag,
    summary: 'Removes a project that has no stations.',
    action: 'project.remove',
    refusals: [409],
    data,
    async answer(permit, { id }) {
      return { project: serializeProject(await removeProject(permit, id), permit.tenantId) };
    },
  }),
];
