/** Prefix search as a range of an index. */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';

/** The lowest text above all texts that begin with `prefix`. Null if there is none. */
function endOfPrefix(prefix: string): string | null {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    // Code points skip the range of the surrogates.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    if (next <= 0x10ffff) return String.fromCodePoint(...points, next);
  }
  return null;
}

/** The condition that a column or an expression begins with `prefix`. */
export const beginsWith = (column: SQLWrapper, prefix: string): SQL => {
  const end = endOfPrefix(prefix);
  return end === null
    ? sql`${column} >= ${prefix}`
    : sql`${column} >= ${prefix} AND ${column} < ${end}`;
};

/** A prefix for the collation NOCASE, which folds only the 26 ASCII letters to lower case. */
export const withoutCase = (prefix: string): string =>
  prefix.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
