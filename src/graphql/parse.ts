/** Reading a document, within bounds that no honest one comes near. */
import {
  type ASTNode,
  type DocumentNode,
  GraphQLError,
  Kind,
  parse,
  type Source,
  visit,
} from 'graphql';

/** Room for a thousand devices that are named inline. */
const MAX_TOKENS = 10_000;
/** Introspection nests about 15 deep. */
const MAX_DEPTH = 50;

const tooDeep = () =>
  new GraphQLError(`A document may nest at most ${MAX_DEPTH} deep.`, {
    extensions: { code: 'GRAPHQL_PARSE_FAILED', http: { status: 400, spec: true } },
  });

const NESTING = new Set<string>([Kind.SELECTION_SET, Kind.OBJECT, Kind.LIST, Kind.LIST_TYPE]);

/** The document, or a GraphQLError for one that is none, is too long or nests too deeply. */
export function parseDocument(source: string | Source, options?: object): DocumentNode {
  const document = readDocument(source, options);
  let depth = 0;
  visit(document, {
    enter({ kind }: ASTNode) {
      if (NESTING.has(kind) && ++depth > MAX_DEPTH) throw tooDeep();
    },
    leave({ kind }: ASTNode) {
      if (NESTING.has(kind)) depth--;
    },
  });
  return document;
}

function readDocument(source: string | Source, options?: object): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: MAX_TOKENS });
  } catch (error) {
    // The parser recurses: what nests thousands deep overflows its stack.
    throw error instanceof RangeError ? tooDeep() : error;
  }
}
