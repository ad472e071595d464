/** Headers that more than one place speaks of. */

/** What a client has seen of the database, in both directions. */
export const BOOKMARK = 'X-Latchkey-Bookmark';

/** The names of the fields that were sent and that the call does not know. */
export const IGNORED = 'X-Latchkey-Ignored';

/** What a Content-Type names, without its parameters; letter case and blanks do not matter (RFC 9110, section 8.3.1). */
export const mediaTypeOf = (contentType: string): string =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';

const PARAMETER = /;\s*([^\s;="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)|([^;]*))/g;

/**
 * The parameters of a Content-Type: names in small letters, values without their quotes (RFC 9110,
 * section 5.6.6) and blanks around them. One that is named twice is there twice.
 */
export const parametersOf = (contentType: string): [name: string, value: string][] =>
  [...contentType.matchAll(PARAMETER)].map(([, name = '', quoted, plain = '']) => [
    name.toLowerCase(),
    (quoted?.replace(/\\(.)/g, '$1') ?? plain).trim(),
  ]);

export const FORM = 'application/x-www-form-urlencoded';
