/** A client of @hey-api/openapi-ts. */
import {
  type AddUserBody,
  addUser,
  readUser,
  removeUser,
  updateUser,
} from '../generated/hey-api/index.ts';
import { done, NEW_NAME, type Walked } from './walked.ts';

export async function walk(baseUrl: string, auth: string, body: AddUserBody): Promise<Walked> {
  const to = { baseUrl, auth };
  const added = await addUser({ ...to, body });
  const created = done(added.data).data.user;
  const path = { id: created.id };
  const read = await readUser({ ...to, path });
  const changed = await updateUser({ ...to, path, body: { name: NEW_NAME } });
  await removeUser({ ...to, path });
  const { response } = await readUser({ ...to, path });
  const refused = await addUser({ ...to, body: { ...body, name: '' } });
  return {
    created,
    read: done(read.data).data.user,
    changed: done(changed.data).data.user,
    status: done(response).status,
    refused: {
      status: done(refused.response).status,
      name: refused.error?.message.errors.name,
    },
  };
}
