/** What GraphQL's own sentences leave out, for whoever writes a document or a request for the first time. */
import { GraphQLError, type GraphQLSchema, isObjectType } from 'graphql';

/** By the sentence of the library that answers the request: what to do, instead of it or behind it. */
const REQUESTS: [said: RegExp, advice: (said: string) => string][] = [
  [
    /^Must provide query string\.$/,
    () =>
      'There is no "query" in what was sent. Send {"query": "…"} with "Content-Type: application/json".',
  ],
  [
    /^Unexpected parameter "/,
    (said) =>
      `${said} A body has "query", and may have "variables", "operationName" and "extensions".`,
  ],
];

export const adviseOnRequest = (said: string): string =>
  REQUESTS.find(([pattern]) => pattern.test(said))?.[1](said) ?? said;

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

/** The error of a field that is somewhere else, as it says where; any other as it is. Names what is in the schema. */
export function adviseOnField(error: GraphQLError, schema: GraphQLSchema): GraphQLError {
  const [, field, type] = UNKNOWN_FIELD.exec(error.message) ?? [];
  const advice = field && type ? adviceOn(field, type, schema) : null;
  return advice === null ? error : new GraphQLError(advice, { nodes: error.nodes });
}
