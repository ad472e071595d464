/** Checks that a request is UTF-8 and not too large to parse. */
import { unauthenticated } from '../base/faults.ts';
import { FORM, mediaTypeOf } from '../base/headers.ts';
import { CROWDED, isCrowded } from '../base/json.ts';
import {
  hasOtherCharset,
  notUtf8,
  OTHER_CHARSET,
  readPairs,
  readQueryPairs,
  readUtf8,
} from '../base/utf8.ts';
import { assertNoJsonInForm, badRequest } from './negotiate.ts';

/** The text of a body. Throws a GraphQLError if it is not UTF-8. */
function textOf(bytes: Uint8Array, type: string): string {
  if (hasOtherCharset(type)) throw badRequest(415, OTHER_CHARSET);
  const text = readUtf8(bytes);
  if (text === null || (mediaTypeOf(type) === FORM && !readPairs(text))) {
    throw badRequest(400, notUtf8('The body'));
  }
  return text;
}

/** The request `sent`, with its body in `bytes`, for GraphQL. Throws if it may not be read. */
export function readable(sent: Request, bytes: Uint8Array | null, isGuest: boolean): Request {
  const { url, method, headers } = sent;
  if (!readQueryPairs(url)) throw badRequest(400, notUtf8('The query string'));
  if (!bytes) return new Request(url, { method, headers });
  if (isCrowded(bytes)) throw isGuest ? unauthenticated(false) : badRequest(400, CROWDED);
  assertNoJsonInForm(headers, bytes);
  return new Request(url, {
    method,
    headers,
    body: textOf(bytes, headers.get('Content-Type') ?? ''),
  });
}
