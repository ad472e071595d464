/** Texts that begin alike, as a range that an index gives. */
import { type SQL, sql } from 'drizzle-orm';

/** The least text that is greater than each text beginning with `prefix`; null when there is none. */
function endOfPrefix(prefix: string): string | null {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    // The surrogates' range is no place for a code point.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    if (next <= 0x10ffff) return String.fromCodePoint(...points, next);
  }
  return null;
}

export const beginsWith = (column: SQL, prefix: string): SQL => {
  const end = endOfPrefix(prefix);
  return end === null
    ? sql`${column} >= ${prefix}`
    : sql`${column} >= ${prefix} AND ${column} < ${end}`;
};

/** What a text with the collation NOCASE begins with: that knows the 26 letters of ASCII, and folds them down. */
export const withoutCase = (prefix: string): string =>
  prefix.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
