/**
 * Decodes incoming text: UTF-8, or refused. Bytes that are not UTF-8 are never replaced by U+FFFD:
 * two names that differ only there would become the same.
 */
import { parametersOf } from './headers.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The message about text that is not UTF-8. `what` begins the sentence. */
export const notUtf8 = (what: string): string =>
  `${what} is not UTF-8. Convert it first: it may be Latin-1, Windows-1252 or UTF-16.`;

/** The message about a Content-Type with another charset. */
export const OTHER_CHARSET = 'The charset must be UTF-8. Leave it out, or write "charset=utf-8".';

/**
 * Whether it is UTF-16 or UTF-32: ASCII then has a zero beside the first character (RFC 4627,
 * section 3).
 */
const isWide = (bytes: Uint8Array): boolean => bytes[0] === 0 || bytes[1] === 0;

/** The text of a whole body or line, without a byte order mark. Null if it is not UTF-8. */
export function readUtf8(bytes: Uint8Array): string | null {
  if (isWide(bytes)) return null;
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Whether a charset is not UTF-8. An empty name is no charset. */
export const isOtherCharset = (name: string): boolean =>
  !/^(["']?utf-?8["']?)?$/i.test(name.trim());

/** Whether a Content-Type names a charset other than UTF-8, even besides UTF-8. */
export const hasOtherCharset = (contentType: string): boolean =>
  parametersOf(contentType).some(
    ([name, value]) => /^charset\*?$/.test(name) && isOtherCharset(value),
  );

/** A "%" that begins no escape, such as the end of "100%". */
const NO_ESCAPE = /%(?![0-9a-f]{2})/gi;

/** Decodes percent-escapes. Null if they are not UTF-8. */
export function unescapeUtf8(escaped: string): string | null {
  try {
    return decodeURIComponent(escaped.replace(NO_ESCAPE, '%25'));
  } catch {
    return null;
  }
}

/** The pairs of a form or a query string. Null if its escapes are not UTF-8. */
export const readPairs = (encoded: string): URLSearchParams | null =>
  encoded.includes('%') && unescapeUtf8(encoded) === null ? null : new URLSearchParams(encoded);

/** What the platform puts in place of bytes in a URL that are not UTF-8. */
const REPLACED = /\ufffd|%ef%bf%bd/i;

/** The pairs of a URL's query string. Null if it is not UTF-8. */
export function readQueryPairs(url: string): URLSearchParams | null {
  const start = url.indexOf('?');
  const query = start < 0 ? '' : url.slice(start + 1);
  return REPLACED.test(query) ? null : readPairs(query);
}
