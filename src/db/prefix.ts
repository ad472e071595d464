/** Texts that begin alike, as a range that an index gives. */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';

/** The least text that is greater than all that begin with `prefix`; null: there is none. */
function endOfPrefix(prefix: string): string | null {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    // The surrogates' range is no place for a code point.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    if (next <= 0x10ffff) return String.fromCodePoint(...points, next);
  }
  return null;
}

/** The condition that a text, a column or an expression, begins with `prefix`. */
export const beginsWith = (column: SQLWrapper, prefix: string): SQL => {
  const end = endOfPrefix(prefix);
  return end === null
    ? sql`${column} >= ${prefix}`
    : sql`${column} >= ${prefix} AND ${column} < ${end}`;
};

/**
 * What a text with the collation NOCASE begins with: NOCASE folds the 26 letters of ASCII down, and
 * no others.
 */
export const withoutCase = (prefix: string): string =>
  prefix.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
