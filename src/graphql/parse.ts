/** Parses a document within limits that no real one comes near. */
import {
  type ASTNode,
  type DocumentNode,
  GraphQLError,
  Kind,
  parse,
  type SelectionSetNode,
  Source,
  visit,
} from 'graphql';

/** Enough for a thousand devices inline. */
const MAX_TOKENS = 10_000;
const MAX_COMMENTS = 1_000;
/** Introspection nests about 15 deep. */
const MAX_DEPTH = 50;

/** Each alias may be a call. People do not write so many, and programs send lists. */
const MAX_ALIASES = 100;
/** In characters. An alias is repeated in the response as often as its field. */
const MAX_ALIAS = 100;
const MAX_DIRECTIVES = 100;
/** Operations and fragments. Validation follows the fragments of each operation. */
const MAX_DEFINITIONS = 300;
/** Validation compares equal fields of a selection, and its spreads, pairwise. */
const MAX_ALIKE = 10;
const MAX_SPREADS = 50;

/** The most names in one place. Validation reports each unknown one. */
const MAX_NAMED = 100;
/** The most items in a list: twice what any call takes. */
const MAX_ITEMS = 1_000;

/** The most lines in a block string: printing one takes far longer than parsing it. */
const MAX_LINES = 1_000;

const refused = (sentence: string) =>
  new GraphQLError(sentence, {
    extensions: { code: 'GRAPHQL_PARSE_FAILED', http: { status: 400, spec: true } },
  });

export const tooDeep = () => refused(`A document may nest at most ${MAX_DEPTH} deep.`);

const NESTING = new Set<string>([Kind.SELECTION_SET, Kind.OBJECT, Kind.LIST, Kind.LIST_TYPE]);

/** Parses a document. Throws a GraphQLError if it is invalid or exceeds a limit. */
export function parseDocument(source: string | Source, options?: object): DocumentNode {
  const document = readDocument(source, options);
  if (document.definitions.length > MAX_DEFINITIONS) {
    throw refused(`A document may have at most ${MAX_DEFINITIONS} operations and fragments.`);
  }
  let depth = 0;
  let aliases = 0;
  let directives = 0;
  visit(document, {
    enter(node: ASTNode) {
      const { kind } = node;
      if (NESTING.has(kind) && ++depth > MAX_DEPTH) throw tooDeep();
      if (kind === Kind.SELECTION_SET) assertFewAlike(node);
      assertFewInside(node);
      if (kind === Kind.FIELD && node.alias) {
        if (++aliases > MAX_ALIASES) {
          throw refused(`A document may have at most ${MAX_ALIASES} aliases.`);
        }
        if (node.alias.value.length > MAX_ALIAS) {
          throw refused(`An alias may have at most ${MAX_ALIAS} characters.`);
        }
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

function assertFewInside(node: ASTNode): void {
  if (node.kind === Kind.LIST && node.values.length > MAX_ITEMS) {
    throw refused(`A list may have at most ${MAX_ITEMS} items.`);
  }
  if (
    node.kind === Kind.STRING &&
    node.block &&
    node.value.split('\n', MAX_LINES + 1).length > MAX_LINES
  ) {
    throw refused(`A block of text may have at most ${MAX_LINES} lines.`);
  }
  const named =
    (node.kind === Kind.OBJECT && node.fields) ||
    ((node.kind === Kind.FIELD || node.kind === Kind.DIRECTIVE) && node.arguments) ||
    (node.kind === Kind.OPERATION_DEFINITION && node.variableDefinitions);
  if (named && named.length > MAX_NAMED) {
    throw refused(`One place may name at most ${MAX_NAMED} fields, arguments or variables.`);
  }
}

function assertFewAlike({ selections }: SelectionSetNode): void {
  if (selections.length <= MAX_ALIKE) return;
  const fields = new Map<string, number>();
  let spreads = 0;
  for (const node of selections) {
    if (node.kind !== Kind.FIELD) {
      if (++spreads > MAX_SPREADS) {
        throw refused(`A selection may spread at most ${MAX_SPREADS} fragments.`);
      }
      continue;
    }
    const name = (node.alias ?? node.name).value;
    const alike = (fields.get(name) ?? 0) + 1;
    fields.set(name, alike);
    if (alike > MAX_ALIKE) {
      throw refused(`A selection may have the same field at most ${MAX_ALIKE} times.`);
    }
  }
}

/** A comment ends with its line. */
const COMMENT = /#[^\r\n]*/g;

/**
 * The parser keeps comments, and counts none of them. The first "#" of a line is counted, in a text
 * too.
 */
function assertFewComments(body: string): void {
  COMMENT.lastIndex = 0;
  for (let comments = 0; COMMENT.test(body); comments++) {
    if (comments === MAX_COMMENTS) {
      throw refused(`A document may have at most ${MAX_COMMENTS} lines with a "#".`);
    }
  }
}

function readDocument(source: string | Source, options?: object): DocumentNode {
  const text = source instanceof Source ? source : new Source(source);
  assertFewComments(text.body);
  try {
    const document = parse(text, { ...options, maxTokens: MAX_TOKENS });
    // Otherwise each error would count the lines up to its nodes. The tokens know them already.
    text.body = '';
    return document;
  } catch (error) {
    // The parser recurses: thousands of levels overflow its stack.
    throw error instanceof RangeError ? tooDeep() : error;
  }
}
