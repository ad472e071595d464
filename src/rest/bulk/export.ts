/** `GET /export`: end users and their permissions out, a line each, as an import takes them. */
import { EXPORT_PAGE, exportUsers } from '../../domain/bulk/export.ts';
import type { Permit } from '../../domain/permit.ts';
import { encodeLines } from './lines.ts';

/** From the first externalId behind `after` on. The first page is read before anything is answered. */
export async function* exportLines(
  after: string,
  allowPage: () => Promise<Permit<'user.export'>>,
): AsyncGenerator<Uint8Array> {
  for (let last: string | undefined = after; last !== undefined; ) {
    const users = await exportUsers(await allowPage(), last);
    if (users.length > 0) yield encodeLines(users);
    last = users.length === EXPORT_PAGE ? users.at(-1)?.externalId : undefined;
  }
}
