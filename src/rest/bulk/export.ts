/** `GET /export`: end users and their permissions, one per line, in the format of an import. */
import { beginExport, exportUsers } from '../../domain/bulk/export.ts';
import type { Permit } from '../../domain/permit.ts';
import { encodeLines } from './lines.ts';

/** The units of a page, which reads a thousand users or twenty thousand permissions. */
const PAGE_UNITS = 20;

/**
 * Exports users after the externalId `after`. The event is recorded and the first page read before
 * the response starts.
 */
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
