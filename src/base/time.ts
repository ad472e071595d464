/** Times as clients write them, and spans of time. */

/** In milliseconds. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const DAY_SECONDS = DAY / 1000;

/** RFC 3339, section 5.6. */
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;
/** The span of years that four digits can write. */
const [FIRST, LAST] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/** Reads a time, in epoch milliseconds. NaN if it is invalid, such as the 30th of February. */
export function readTime(value: unknown): number {
  const day = typeof value === 'string' ? TIMESTAMP.exec(value)?.[1] : undefined;
  const midnight = new Date(`${day}T00:00:00Z`);
  const exists = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(`${day}`);
  const time = exists ? Date.parse(String(value).toUpperCase()) : Number.NaN;
  return time >= FIRST && time <= LAST ? time : Number.NaN;
}

/** Formats epoch milliseconds by RFC 3339, in UTC and to the millisecond. */
export const writeTime = (time: number): string => new Date(time).toISOString();
