/** `GET /export`: end users and their permissions out, a line each, as an import takes them. */
import { beginExport, exportUsers } from '../../domain/bulk/export.ts';
import type { Permit } from '../../domain/permit.ts';
import { encodeLines } from './lines.ts';

/** What a page counts: it reads a thousand users, or twenty thousand permissions. */
const PAGE_UNITS = 20;

/** From the first externalId behind `after` on. The event is there, and the first page read, before anything is answered. */
export async function* exportLines(
  after: string,
  allowBegin: (units: number) => Promise<Permit<'user.beginExport'>>,
  allowPage: (units: number) => Promise<Permit<'user.export'>>,
): AsyncGenerator<Uint8Array> {
  await beginExport(await allowBegin(1));
  for (let last = after; ; ) {
    const lines = await exportUsers(await allowPage(PAGE_UNITS), last);
    const end = lines.at(-1)?.externalId;
    if (end === undefined) return;
    yield encodeLines(lines);
    last = end;
  }
}
