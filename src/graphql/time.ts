/** Times on the wire. */
import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

/** RFC 3339, section 5.6. */
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;
/** The span of years that four digits can write. */
const [FIRST, LAST] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/** Epoch milliseconds; NaN for what is no time, such as the 30th of February. */
function readTime(value: unknown): number {
  const day = typeof value === 'string' ? TIMESTAMP.exec(value)?.[1] : undefined;
  const midnight = new Date(`${day}T00:00:00Z`);
  const exists = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(`${day}`);
  const time = exists ? Date.parse(String(value).toUpperCase()) : Number.NaN;
  return time >= FIRST && time <= LAST ? time : Number.NaN;
}

builder.scalarType('DateTime', {
  description:
    'A point in time as RFC 3339 has it, such as `2026-11-23T08:30:00.000Z`. Answers are in UTC, to the millisecond.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => new Date(value).toISOString(),
  parseValue: (value) => {
    const time = readTime(value);
    if (Number.isNaN(time)) {
      throw new GraphQLError('A DateTime is RFC 3339 text, such as "2026-11-23T08:30:00Z".');
    }
    return time;
  },
});
