/** `GET /export`: end users and their permissions out, a line each, as an import takes them. */
import { exportUsers } from '../../domain/bulk/export.ts';
import type { Permit } from '../../domain/permit.ts';
import { encodeLines } from './lines.ts';

/** From the first externalId behind `after` on. The first page is read before anything is answered. */
export async function* exportLines(
  after: string,
  allowPage: () => Promise<Permit<'user.export'>>,
): AsyncGenerator<Uint8Array> {
  for (let last = after; ; ) {
    const lines = await exportUsers(await allowPage(), last);
    const end = lines.at(-1)?.externalId;
    if (end === undefined) return;
    yield encodeLines(lines);
    last = end;
  }
}
