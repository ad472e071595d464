/** A client of openapi-fetch, typed by openapi-typescript. */
import createClient from 'openapi-fetch';
import type { components, paths } from '../generated/openapi-typescript.ts';
import { done, NEW_NAME, type Walked } from './walked.ts';

type Body = components['schemas']['AddUserBody'];

export async function walk(baseUrl: string, key: string, body: Body): Promise<Walked> {
  const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
  const added = await client.POST('/user', { body });
  const created = done(added.data).data.user;
  const params = { path: { id: created.id } };
  const read = await client.GET('/user/{id}', { params });
  const changed = await client.PATCH('/user/{id}', { params, body: { name: NEW_NAME } });
  await client.DELETE('/user/{id}', { params });
  const { response } = await client.GET('/user/{id}', { params });
  const refused = await client.POST('/user', { body: { ...body, name: '' } });
  return {
    created,
    read: done(read.data).data.user,
    changed: done(changed.data).data.user,
    status: response.status,
    refused: {
      status: refused.response.status,
      name: refused.error?.message.errors.name,
    },
  };
}
