/**
 * Calls the company API as a client does. Each answer is checked against the reference, and
 * recorded as seen.
 */
import { expect } from 'vitest';
import { routes } from '../../src/rest/routes.ts';
import { memberFields as fieldsOf } from '../operations/rest.ts';
import { companyPath, expectDocumented, resolve, reference as whole } from '../reference.ts';
import { env, fresh, type Json, newMember, newSession, type Tenant, type World } from '../world.ts';

export { seen } from '../reference.ts';

const paths = new Set(routes.map(({ path }) => path.replace(':id', '{id}')));

/** What the reference says of the company API, all in its place. */
export const reference: Json = {
  paths: Object.fromEntries(
    Object.entries<Json>(whole.paths)
      .filter(([path]) => paths.has(path))
      .map(([path, operations]) => [path, resolve(operations)]),
  ),
};

export interface RestAnswer {
  status: number;
  headers: Headers;
  body: Json;
  /** `data` of what was done. */
  data: Json;
  /** The fields of what was refused. */
  errors: Record<string, string> | undefined;
}

type Body = object | string | undefined;

/**
 * `call` is a method and a path; an object is sent as JSON, URLSearchParams and FormData as what
 * they are.
 */
export async function rest(
  world: World,
  credential: string | null,
  call: string,
  body?: Body,
  headers: Record<string, string> = {},
): Promise<RestAnswer> {
  const [method = '', path = ''] = call.split(' ');
  const encoded = body instanceof URLSearchParams || body instanceof FormData;
  const init: RequestInit = { method, headers };
  if (body !== undefined) {
    init.body = typeof body === 'string' || encoded ? (body as BodyInit) : JSON.stringify(body);
    if (typeof body === 'object' && !encoded) {
      init.headers = { 'Content-Type': 'application/json', ...headers };
    }
  }
  const response = await world.send(path, credential, init);
  const text = await response.text();
  const answer = JSON.parse(text);
  expectDocumented(companyPath(call), response, text);
  return {
    status: response.status,
    headers: response.headers,
    body: answer,
    data: answer.data,
    errors: answer.message?.errors,
  };
}

/** The data of a call that must have been done. */
export async function done(answer: Promise<RestAnswer>): Promise<Json> {
  const { status, body, data } = await answer;
  expect([200, 202], JSON.stringify(body)).toContain(status);
  expect(body.errors).toBe(false);
  return data;
}

/** A member of the company with a session. */
export async function newStaff(
  world: World,
  tenant: Tenant,
  level: 1 | 2 | 3 | 4,
  stationIds: number[] = [],
) {
  const member = await newMember(tenant, level);
  if (stationIds.length > 0) {
    await env.DB.prepare(
      'INSERT INTO user_stations (user_id, station_id, id, created_at, updated_at) SELECT ' +
        '?1, value, ?1 * 1000 + key, ?2, ?2 FROM json_each(?3)',
    )
      .bind(Number(member.id), Date.now(), JSON.stringify(stationIds))
      .run();
  }
  const { accessToken } = await newSession(world, tenant, member.identifier);
  return { id: Number(member.id), email: member.email, token: accessToken };
}

export const newProject = async (world: World, credential: string): Promise<Json> =>
  (await done(rest(world, credential, 'POST /project', { name: fresh('project') }))).project;

export const newStation = async (
  world: World,
  credential: string,
  projectId: number,
): Promise<Json> =>
  (
    await done(
      rest(world, credential, `POST /project/${projectId}/station`, {
        name: 'A station',
        code: fresh('code'),
        reporting: 900,
        ref_logger_id: 12,
      }),
    )
  ).station;

/** What every member has, as `POST /user` wants it. */
export const memberFields = (tenant: Tenant, more: object = {}) => ({
  ...fieldsOf({ tenantId: tenant.id, label: fresh('someone') }),
  ...more,
});
