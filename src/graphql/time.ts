/** The scalar type of times. */
import { type ASTNode, GraphQLError, Kind } from 'graphql';
import { readTime, writeTime } from '../base/time.ts';
import { builder } from './builder.ts';

/** Parses a time. Throws with the place in the document if it is invalid. */
function timeOf(value: unknown, nodes?: ASTNode): number {
  const time = readTime(value);
  if (!Number.isNaN(time)) return time;
  throw new GraphQLError('A DateTime is RFC 3339 text, such as "2026-11-23T08:30:00Z".', { nodes });
}

builder.scalarType('DateTime', {
  description:
    'A point in time in RFC 3339 format, such as `2026-11-23T08:30:00.000Z`. Responses are ' +
    'in UTC, to the millisecond.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: writeTime,
  parseValue: (value) => timeOf(value),
  parseLiteral: (node) => timeOf(node.kind === Kind.STRING ? node.value : undefined, node),
});
