/** What the parts of a multipart body say of themselves, before the platform takes them apart. */
import { parametersOf } from '../base/headers.ts';
import { hasOtherCharset, notUtf8, OTHER_CHARSET, readUtf8 } from '../base/utf8.ts';
import { BadRequest } from './answers.ts';

/** More would only be there to be parsed. */
export const MAX_PARTS = 2_000;
export const tooManyParts = () =>
  new BadRequest(400, 'body', `The form has more than ${MAX_PARTS} parts.`);

/** In bytes: what a part says of itself takes some hundred. */
const MAX_HEAD = 4_000;

/** As RFC 2046, section 5.1.1, has them. */
const BOUNDARY = /^[\w'()+,\-./:=? ]{1,70}$/;

/** What stands between the parts. Throws a BadRequest where the Content-Type does not say, or says two. */
function boundaryOf(type: string): string {
  const [boundary = '', ...more] = parametersOf(type)
    .filter(([name]) => name === 'boundary')
    .map(([, value]) => value);
  if (more.length === 0 && BOUNDARY.test(boundary)) return boundary;
  throw new BadRequest(
    400,
    'body',
    'The Content-Type must name one boundary, of 1 to 70 letters, digits and signs.',
  );
}

const NEWLINE = 0x0a;
const DASH = 0x2d;

/** The header lines of each part, as Latin-1, a byte a character. Throws a BadRequest for endless ones. */
function* headsOf(body: Buffer, boundary: string): Generator<string> {
  const mark = `--${boundary}`;
  const first = body.indexOf(mark);
  for (let at = first; at >= 0; at = body.indexOf(mark, at + 1)) {
    // Only the first may stand within a line: another one there is part of a value.
    if (at > first && body[at - 1] !== NEWLINE) continue;
    const start = at + mark.length;
    // What only ends the form.
    if (body[start] === DASH && body[start + 1] === DASH) continue;
    const text = body.toString('latin1', start, start + MAX_HEAD);
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) {
      throw new BadRequest(400, 'body', `The head of a part has no end in ${MAX_HEAD} bytes.`);
    }
    // A line that begins with a blank goes on from the one before (RFC 5322, section 2.2.3).
    yield text.slice(0, end).replace(/\r?\n[ \t]+/g, ' ');
  }
}

/** Throws where there are too many, or a part names a charset that is not UTF-8: taking parts apart takes far longer. */
function assertPlainParts(body: Buffer, boundary: string): void {
  let parts = 0;
  for (const head of headsOf(body, boundary)) {
    if (++parts > MAX_PARTS) throw tooManyParts();
    for (const [, declared = ''] of head.matchAll(/^content-type\s*:(.*)$/gim)) {
      if (hasOtherCharset(declared)) throw new BadRequest(415, 'body', OTHER_CHARSET);
    }
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
  const boundary = boundaryOf(type);
  assertPlainParts(Buffer.from(bytes), boundary);
  // Written anew, so that the platform cannot read it otherwise.
  const plain = { 'Content-Type': `multipart/form-data; boundary="${boundary}"` };
  const form = await new Response(bytes, { headers: plain }).formData();
  const parts = [...form];
  if (parts.length > MAX_PARTS) throw tooManyParts();
  if (parts.flat().some(hasReplaced) && readUtf8(new Uint8Array(bytes)) === null) {
    throw new BadRequest(400, 'body', notUtf8('The form'));
  }
  return parts;
}
