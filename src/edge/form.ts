/** Form bodies, as OAuth sends them. */
import { FORM, mediaTypeOf } from '../base/headers.ts';
import { hasOtherCharset, notUtf8, readPairs, readUtf8 } from '../base/utf8.ts';
import { badRequest, otherCharset } from './answers.ts';

/** In bytes. A text of any usual length is answered as a token. */
const MAX_BODY = 2_000_000;
/** A form with more parameters is refused before it is parsed. */
const MAX_PARAMETERS = 100;

/**
 * The bytes of a body. Null if there are too many. A body without a length is counted as it
 * arrives.
 */
export function readBody(request: Request): Promise<Uint8Array | null> {
  const { headers } = request;
  const length = headers.get('Content-Length');
  if (length === null || headers.has('Transfer-Encoding')) return countBody(request);
  if (Number(length) > MAX_BODY) return Promise.resolve(null);
  return request.arrayBuffer().then((bytes) => new Uint8Array(bytes));
}

async function countBody({ body }: Request): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What the platform's parser does not take literally. */
const ESCAPED = /^\?|[%+]/;

function pairOf(part: string): [name: string, value: string] {
  const end = part.indexOf('=');
  return end < 0 ? [part, ''] : [part.slice(0, end), part.slice(end + 1)];
}

/**
 * The parameters of a form that are in `names`. Others are ignored, and those without a value count
 * as not sent (RFC 6749, section 3.2). The refusal if the body is not a form in UTF-8, or repeats a
 * parameter.
 */
export function readForm<Name extends string>(
  headers: Headers,
  body: Uint8Array,
  names: readonly Name[],
): Partial<Record<Name, string>> | Response {
  const type = headers.get('Content-Type') ?? '';
  if (type !== FORM) {
    if (mediaTypeOf(type) !== FORM) {
      return badRequest('The body must be a form: application/x-www-form-urlencoded.');
    }
    if (hasOtherCharset(type)) return otherCharset();
  }
  const text = readUtf8(body);
  if (text === null) return badRequest(notUtf8('The form'));
  const parts = text.split('&', MAX_PARAMETERS + 1);
  if (parts.length > MAX_PARAMETERS) {
    return badRequest(`The form has more than ${MAX_PARAMETERS} parameters.`);
  }
  // Most forms have nothing escaped. The platform's parser is slower.
  const sent = ESCAPED.test(text) ? readPairs(text) : parts.map(pairOf);
  if (!sent) return badRequest(notUtf8('The form'));
  const given: Partial<Record<string, string>> = {};
  const seen: string[] = [];
  for (const [name, value] of sent) {
    if (!(names as readonly string[]).includes(name)) continue;
    if (seen.includes(name)) return badRequest(`"${name}" is given more than once.`);
    seen.push(name);
    if (value !== '') given[name] = value;
  }
  return given as Partial<Record<Name, string>>;
}
