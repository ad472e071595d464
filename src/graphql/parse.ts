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

/** Each alias may be a call of its own; nobody writes so many by hand, and programs send lists. */
const MAX_ALIASES = 100;
const MAX_DIRECTIVES = 100;

const refused = (sentence: string) =>
  new GraphQLError(sentence, {
    extensions: { code: 'GRAPHQL_PARSE_FAILED', http: { status: 400, spec: true } },
  });

const tooDeep = () => refused(`A document may nest at most ${MAX_DEPTH} deep.`);

const NESTING = new Set<string>([Kind.SELECTION_SET, Kind.OBJECT, Kind.LIST, Kind.LIST_TYPE]);

/** The document, or a GraphQLError for one that is none, or is beyond the bounds. */
export function parseDocument(source: string | Source, options?: object): DocumentNode {
  const document = readDocument(source, options);
  let depth = 0;
  let aliases = 0;
  let directives = 0;
  visit(document, {
    enter(node: ASTNode) {
      const { kind } = node;
      if (NESTING.has(kind) && ++depth > MAX_DEPTH) throw tooDeep();
      if (kind === Kind.FIELD && node.alias && ++aliases > MAX_ALIASES) {
        throw refused(`A document may have at most ${MAX_ALIASES} aliases.`);
      }
      if (kind === Kind.DIRECTIVE && ++directives > MAX_DIRECTIVES) {
        throw refused(`A document may have at most ${MAX_DIRECTIVES} directives.`);
      }
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
