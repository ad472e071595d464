/** Unknown fields: the response names them, since they have no effect. */
import { type Complaint, Refusal } from '../base/faults.ts';
import type { ObjectSchema } from '../base/fields.ts';
import { quote } from '../base/messages.ts';
import { examine } from '../base/text.ts';
import type { ReceivedFields } from './body.ts';

const about = (field: string, message: string): Complaint => ({
  code: 'INVALID',
  path: [field],
  message,
});

/**
 * Throws a Refusal if a body has fields and the call knows none of them. It names these, the known
 * fields and the missing ones.
 */
export function assertKnownFields(
  { isForeign, others }: ReceivedFields,
  schema: ObjectSchema,
): void {
  if (!isForeign) return;
  const ours = Object.keys(schema.entries).join(', ');
  throw new Refusal(about('body', `This call has none of these fields. Its fields are: ${ours}.`), [
    ...others.map((name) => about(name, 'This call has no such field.')),
    ...examine(schema, {}).faults,
  ]);
}

/** In characters. Proxies refuse responses with long headers. */
const MAX_HEADER = 1_000;

/** Names for a header, percent-encoded if needed. As many as there is room for. */
export function ignoredHeader(names: readonly string[]): string {
  let header = '';
  for (const name of new Set(names)) {
    const shown = encodeURIComponent(quote(name)).replaceAll('%5B', '[').replaceAll('%5D', ']');
    const longer = header === '' ? shown : `${header}, ${shown}`;
    if (longer.length > MAX_HEADER) return `${header}, ...`;
    header = longer;
  }
  return header;
}
