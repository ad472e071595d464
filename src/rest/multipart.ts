/** Checks the headers of multipart parts before the platform parses the body. */
import { parametersOf } from '../base/headers.ts';
import { hasOtherCharset, notUtf8, OTHER_CHARSET, readUtf8 } from '../base/utf8.ts';
import { BadRequest } from './answers.ts';

/** A form with more parts is refused before it is parsed. */
export const MAX_PARTS = 2_000;
export const tooManyParts = () =>
  new BadRequest(400, 'body', `The form has more than ${MAX_PARTS} parts.`);

/** In bytes. The headers of a part take about a hundred. */
const MAX_HEAD = 4_000;

/** RFC 2046, section 5.1.1. */
const BOUNDARY = /^[\w'()+,\-./:=? ]{1,70}$/;

/** The boundary between the parts. Throws a BadRequest if the Content-Type names none, or two. */
function boundaryOf(type: string): string {
  const [boundary = '', ...more] = parametersOf(type)
    .filter(([name]) => name === 'boundary')
    .map(([, value]) => value);
  if (more.length === 0 && BOUNDARY.test(boundary)) return boundary;
  throw new BadRequest(
    400,
    'body',
    'The Content-Type must name one boundary of 1 to 70 letters, digits and signs.',
  );
}

const NEWLINE = 0x0a;
const DASH = 0x2d;

/**
 * The headers of each part, in Latin-1, one character per byte. Throws a BadRequest if they do not
 * end, or if there are too many boundaries, be they inside lines, where they belong to a value: the
 * platform looks at each of them.
 */
function* headsOf(body: Buffer, boundary: string): Generator<string> {
  const mark = `--${boundary}`;
  const first = body.indexOf(mark);
  let end = 0;
  for (let at = first, marks = 0; at >= 0; at = body.indexOf(mark, end), marks++) {
    // The last one ends the form.
    if (marks > MAX_PARTS) throw tooManyParts();
    end = at + mark.length;
    // Only the first boundary may be inside a line.
    if (at > first && body[at - 1] !== NEWLINE) continue;
    // The end of the form has no headers.
    if (body[end] === DASH && body[end + 1] === DASH) continue;
    const text = body.toString('latin1', end, end + MAX_HEAD);
    const length = text.indexOf('\r\n\r\n');
    if (length < 0) {
      throw new BadRequest(400, 'body', `The headers of a part are longer than ${MAX_HEAD} bytes.`);
    }
    // A line that begins with a space continues the one before (RFC 5322, section 2.2.3).
    yield text.slice(0, length).replace(/\r?\n[ \t]+/g, ' ');
    end += length;
  }
}

/**
 * Throws if there are too many parts, or a part has a charset other than UTF-8. This is far cheaper
 * than parsing the parts.
 */
function assertPlainParts(body: Buffer, boundary: string): void {
  let parts = 0;
  for (const head of headsOf(body, boundary)) {
    if (++parts > MAX_PARTS) throw tooManyParts();
    for (const [, declared = ''] of head.matchAll(/^content-type\s*:(.*)$/gim)) {
      if (hasOtherCharset(declared)) throw new BadRequest(415, 'body', OTHER_CHARSET);
    }
  }
}

/** Whether the platform has replaced bytes that are not UTF-8. */
const hasReplaced = (value: unknown): boolean =>
  typeof value === 'string' && value.includes('\ufffd');

/** The parts by name. A file, which no field accepts, may have any bytes. Throws a BadRequest. */
export async function readParts(
  bytes: ArrayBuffer,
  type: string,
): Promise<[string, FormDataEntryValue][]> {
  const boundary = boundaryOf(type);
  assertPlainParts(Buffer.from(bytes), boundary);
  // Rebuilt, so that the platform cannot read it differently.
  const plain = { 'Content-Type': `multipart/form-data; boundary="${boundary}"` };
  const form = await new Response(bytes, { headers: plain }).formData();
  const parts = [...form];
  if (parts.length > MAX_PARTS) throw tooManyParts();
  if (parts.flat().some(hasReplaced) && readUtf8(new Uint8Array(bytes)) === null) {
    throw new BadRequest(400, 'body', notUtf8('The form'));
  }
  return parts;
}
