/** A client of orval, which has the address of the reference. */
import { type AddUserBody, addUser, readUser, removeUser, updateUser } from '../generated/orval.ts';
import { done, NEW_NAME, type Walked } from './walked.ts';

export async function walk(_: string, key: string, body: AddUserBody): Promise<Walked> {
  const init = { headers: { Authorization: `Bearer ${key}` } };
  const added = await addUser(body, init);
  const created = done(added.status === 200 ? added.data : undefined).data.user;
  const read = await readUser(created.id, init);
  const changed = await updateUser(created.id, { name: NEW_NAME }, init);
  await removeUser(created.id, {}, undefined, init);
  const { status } = await readUser(created.id, init);
  const refused = await addUser({ ...body, name: '' }, init);
  return {
    created,
    read: done(read.status === 200 ? read.data : undefined).data.user,
    changed: done(changed.status === 200 ? changed.data : undefined).data.user,
    status,
    refused: {
      status: refused.status,
      name: refused.status === 422 ? refused.data.message.errors.name : undefined,
    },
  };
}
