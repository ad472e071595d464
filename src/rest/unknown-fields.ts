/** Fields that a call does not have: it says so, since they do nothing. */
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
 * Throws a Refusal where a body has fields and none of them is the call's: it names them, those that the call has, and
 * those that are missing.
 */
export function assertKnownFields(
  { isForeign, others }: ReceivedFields,
  schema: ObjectSchema,
): void {
  if (!isForeign) return;
  const ours = Object.keys(schema.entries).join(', ');
  throw new Refusal(
    about('body', `This call has none of the fields that were sent. It has: ${ours}.`),
    [
      ...others.map((name) => about(name, 'This call has no such field.')),
      ...examine(schema, {}).faults,
    ],
  );
}

/** In characters: proxies refuse answers whose headers are long. */
const MAX_HEADER = 1_000;

/** Names as a header can have them, percent-encoded where they would break it. As many as it has room for. */
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
