/** What the parts of a multipart body say of themselves, before the platform takes them apart. */
import { hasOtherCharset, notUtf8, OTHER_CHARSET, readUtf8 } from '../base/utf8.ts';
import { BadRequest } from './answers.ts';

/** More would only be there to be parsed. */
export const MAX_PARTS = 2_000;
export const tooManyParts = () =>
  new BadRequest(400, 'body', `The form has more than ${MAX_PARTS} parts.`);

/** In bytes: what a part says of itself takes some hundred. */
const MAX_HEAD = 4_000;

/** The header lines of each part, as Latin-1, a byte a character. Behind the last one, what ends the form. */
function* headsOf(body: Buffer, type: string): Generator<string> {
  const [, boundary] = /;\s*boundary="?([^";]+)/i.exec(type) ?? [];
  if (boundary === undefined) return;
  for (let at = body.indexOf(boundary); at >= 0; at = body.indexOf(boundary, at + 1)) {
    const [head = ''] = body.toString('latin1', at, at + MAX_HEAD).split('\r\n\r\n', 1);
    yield head;
  }
}

/** Throws where there are too many, or a part names a charset that is not UTF-8: taking parts apart takes far longer. */
function assertPlainParts(body: Buffer, type: string): void {
  let parts = 0;
  for (const head of headsOf(body, type)) {
    // The last one only ends the form.
    if (++parts > MAX_PARTS + 1) throw tooManyParts();
    const [, declared = ''] = /^content-type:(.*)$/im.exec(head) ?? [];
    if (hasOtherCharset(declared)) throw new BadRequest(415, 'body', OTHER_CHARSET);
  }
}

/** The platform puts it in place of what is not UTF-8. */
const hasReplaced = (value: unknown): boolean =>
  typeof value === 'string' && value.includes('\ufffd');

/** The parts by name. A file, which is no field's value, may have any bytes. Throws a BadRequest. */
export async function readParts(
  bytes: ArrayBuffer,
  type: string,
): Promise<[string, FormDataEntryValue][]> {
  assertPlainParts(Buffer.from(bytes), type);
  const form = await new Response(bytes, { headers: { 'Content-Type': type } }).formData();
  const parts = [...form];
  if (parts.length > MAX_PARTS) throw tooManyParts();
  if (parts.flat().some(hasReplaced) && readUtf8(new Uint8Array(bytes)) === null) {
    throw new BadRequest(400, 'body', notUtf8('The form'));
  }
  return parts;
}
