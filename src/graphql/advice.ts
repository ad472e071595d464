/** What GraphQL's own sentences leave out, for whoever writes a document or a request for the first time. */
import {
  GraphQLError,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  isInputObjectType,
  isObjectType,
  isRequiredInputField,
} from 'graphql';
import { HOW } from './negotiate.ts';

/** By the sentence of the library that answers the request: what to do, instead of it or behind it. */
const REQUESTS: [said: RegExp, advice: (said: string) => string][] = [
  [
    /^Must provide query string\.$/,
    () => `There is no "query" in what was sent. ${HOW} With GET: ?query=…`,
  ],
  [
    /^Unexpected parameter "/,
    (said) =>
      `${said} A body has "query", and may have "variables", "operationName" and "extensions".`,
  ],
];

export const adviseOnRequest = (said: string): string =>
  REQUESTS.find(([pattern]) => pattern.test(said))?.[1](said) ?? said;

/** How an input object is written: in one of its ways, or with what it must have. */
export function formOf(type: GraphQLInputObjectType): string {
  const fields = Object.values(type.getFields());
  if (type.isOneOf) return fields.map(({ name }) => `{ ${name}: … }`).join(' or ');
  const needed = fields.filter(isRequiredInputField).map(({ name }) => `${name}: …`);
  return `{ ${needed.join(', ') || '…'} }`;
}

const NO_OBJECT = /^Expected value of type "(\w+)" to be an object, found: /;
const UNKNOWN_FIELD = /^Cannot query field "(\w+)" on type "(\w+)"/;

function adviceOn(field: string, type: string, schema: GraphQLSchema): string | null {
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()];
  if (type === query?.name && mutation?.getFields()[field]) {
    return `"${field}" is a mutation: write mutation { ${field}(…) { … } }.`;
  }
  if (type === mutation?.name && query?.getFields()[field]) {
    return `"${field}" is a query, and no mutation: write { ${field} … }.`;
  }
  const node = schema.getType(type.replace(/Connection$/, ''));
  return type.endsWith('Connection') && isObjectType(node) && node.getFields()[field]
    ? `"${type}" is a page: ask for "${field}" below "nodes", as in nodes { ${field} }.`
    : null;
}

function adviceFor(said: string, schema: GraphQLSchema): string | null {
  const [, field, type] = UNKNOWN_FIELD.exec(said) ?? [];
  if (field && type) return adviceOn(field, type, schema);
  const input = schema.getType(NO_OBJECT.exec(said)?.[1] ?? '');
  return isInputObjectType(input) ? `"${input}" is an object: write ${formOf(input)}.` : null;
}

/**
 * The error of a field that is somewhere else, or of a value that should be an object, as it says what to write; any other
 * as it is. Names what is in the schema.
 */
export function adviseOnDocument(error: GraphQLError, schema: GraphQLSchema): GraphQLError {
  const advice = adviceFor(error.message, schema);
  return advice === null ? error : new GraphQLError(advice, { nodes: error.nodes });
}
