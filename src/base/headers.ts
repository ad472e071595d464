/** Headers that more than one face uses. */

/** The database bookmark: which state the client has seen. It is sent in both directions. */
export const BOOKMARK = 'X-Latchkey-Bookmark';

/** The names of the fields that were sent but that the call does not have. */
export const IGNORED = 'X-Latchkey-Ignored';

/**
 * The media type of a Content-Type, without parameters, in lower case (RFC 9110, section 8.3.1).
 */
export const mediaTypeOf = (contentType: string): string =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';

const PARAMETER = /;\s*([^\s;="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)|([^;]*))/g;

/**
 * The parameters of a Content-Type: names in lower case, values without quotes (RFC 9110, section
 * 5.6.6) and without spaces around them. A repeated name appears twice.
 */
export const parametersOf = (contentType: string): [name: string, value: string][] =>
  [...contentType.matchAll(PARAMETER)].map(([, name = '', quoted, plain = '']) => [
    name.toLowerCase(),
    (quoted?.replace(/\\(.)/g, '$1') ?? plain).trim(),
  ]);

export const FORM = 'application/x-www-form-urlencoded';
