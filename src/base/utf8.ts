/**
 * Text as it comes in: UTF-8, or refused. Nothing else is read as U+FFFD: two names that differ in such bytes alone
 * would become one.
 */
import { parametersOf } from './headers.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** What is told where text is not UTF-8. `what` begins the sentence. */
export const notUtf8 = (what: string): string =>
  `${what} is not UTF-8, which all text must be. Convert it first: it may be Latin-1, Windows-1252 or UTF-16.`;

/** What is told where a Content-Type names another charset. */
export const OTHER_CHARSET = 'The charset must be UTF-8: leave it out, or write "charset=utf-8".';

/** ASCII as UTF-16 or UTF-32 has it: a zero stands beside the first character (RFC 4627, section 3). */
const isWide = (bytes: Uint8Array): boolean => bytes[0] === 0 || bytes[1] === 0;

/** The text of a whole body or line, without its byte order mark; null where it is not UTF-8. */
export function readUtf8(bytes: Uint8Array): string | null {
  if (isWide(bytes)) return null;
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Whether the name of a charset is another's than that of UTF-8. An empty one names none. */
export const isOtherCharset = (name: string): boolean =>
  !/^(["']?utf-?8["']?)?$/i.test(name.trim());

/** Whether a Content-Type names a charset that is not UTF-8, be it beside one that is. */
export const hasOtherCharset = (contentType: string): boolean =>
  parametersOf(contentType).some(
    ([name, value]) => /^charset\*?$/.test(name) && isOtherCharset(value),
  );

/** What only looks like a percent-escape, such as the end of "100%", is none. */
const NO_ESCAPE = /%(?![0-9a-f]{2})/gi;

/** The text behind percent-escapes; null where these are not UTF-8. */
export function unescapeUtf8(escaped: string): string | null {
  try {
    return decodeURIComponent(escaped.replace(NO_ESCAPE, '%25'));
  } catch {
    return null;
  }
}

/** The pairs of a form or a query string; null where its percent-escapes are not UTF-8. */
export const readPairs = (encoded: string): URLSearchParams | null =>
  encoded.includes('%') && unescapeUtf8(encoded) === null ? null : new URLSearchParams(encoded);

/** Where a client wrote bytes into an address that are not UTF-8, the platform has put this before we see it. */
const REPLACED = /\ufffd|%ef%bf%bd/i;

/** The pairs of the query string of an address; null where it is not UTF-8. */
export function readQueryPairs(url: string): URLSearchParams | null {
  const start = url.indexOf('?');
  const query = start < 0 ? '' : url.slice(start + 1);
  return REPLACED.test(query) ? null : readPairs(query);
}
