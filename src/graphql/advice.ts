/** What GraphQL's own sentences leave out, for whoever writes a document or a request for the first time. */
import {
  type DocumentNode,
  type GraphQLEnumType,
  GraphQLError,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  getOperationAST,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isRequiredInputField,
  Kind,
} from 'graphql';
import { cut } from '../base/sentences.ts';
import { bad, HOW } from './negotiate.ts';

const BEGIN = 'It begins with "{", "query" or "mutation": { caller { kind } }.';

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
  [/^Batching/, (said) => `${said} Send one object, and no list.`],
  [/^Expected "variables"/, (said) => `${said} Write {…} without quotes round it.`],
  [/^Syntax Error: Unexpected <EOF>/, () => `The document is empty. ${BEGIN}`],
  [/^Syntax Error: .+ found <EOF>/, (said) => `${said} A "}" or ")" is missing.`],
  [/^Syntax Error: Unexpected "[})]"/, (said) => `${said} It closes nothing.`],
  [/^Syntax Error: Unexpected Name/, (said) => `${said} ${BEGIN}`],
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

/** What there is, in words: as much as a sentence has room for. */
export const ofThem = (names: Iterable<string>): string => [...names].join(', ') || 'none';

/** The values of an enum, as a document writes them. */
export const valuesOf = (type: GraphQLEnumType): string =>
  `"${type}" is one of ${ofThem(type.getValues().map(({ name }) => name))}`;

function adviceOn(field: string, type: string, schema: GraphQLSchema): string | null {
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()];
  if (type === query?.name && mutation?.getFields()[field]) {
    return `"${field}" is a mutation: write mutation { ${field}(…) { … } }.`;
  }
  if (type === mutation?.name && query?.getFields()[field]) {
    return `"${field}" is a query, and no mutation: write { ${field} … }.`;
  }
  const node = schema.getType(type.replace(/Connection$/, ''));
  if (type.endsWith('Connection') && isObjectType(node) && node.getFields()[field]) {
    return `"${type}" is a page: ask for "${field}" below "nodes", as in nodes { ${field} }.`;
  }
  return null;
}

/** What something has, where it was thought to have something else. */
const hasNo = (owner: string, kind: string, name: string | undefined, names: string[]): string =>
  `"${owner}" has no ${kind} "${name}". It has ${ofThem(names)}.`;

/** By what GraphQL says: what there is instead, null where nothing can be told. Each is given the names of that sentence. */
const SAID: [said: RegExp, advice: (schema: GraphQLSchema, ...names: string[]) => string | null][] =
  [
    [
      /^Cannot query field "(\w+)" on type "(\w+)"/,
      (schema, field = '', type = '') => adviceOn(field, type, schema),
    ],
    [
      /^Cannot query field "(\w+)" on type "(\w+)"\.$/,
      (schema, field, name = '') => {
        const type = schema.getType(name);
        return isObjectType(type)
          ? hasNo(name, 'field', field, Object.keys(type.getFields()))
          : null;
      },
    ],
    [
      /^Expected value of type "(\w+)" to be an object, found: /,
      (schema, type = '') =>
        onInput(schema, type, (input) => `"${type}" is an object: write ${formOf(input)}.`),
    ],
    [
      /^Within OneOf Input Object type "(\w+)"/,
      (schema, type = '') =>
        onInput(schema, type, (input) => `"${type}" takes exactly one: write ${formOf(input)}.`),
    ],
    [
      /^Expected value of type "(\w+)" not to include unknown field "(\w+)"/,
      (schema, type = '', field) =>
        onInput(schema, type, (input) =>
          hasNo(type, 'field', field, Object.keys(input.getFields())),
        ),
    ],
    [
      /^(?:Enum|Value) "([^"]*)" (?:does not exist in "(\w+)")?/,
      (schema, value = '', name) => {
        const type = schema.getType(name ?? value);
        if (!isEnumType(type)) return null;
        return name
          ? `There is no "${value}": ${valuesOf(type)}.`
          : `${valuesOf(type)}, without quotes.`;
      },
    ],
    [
      /^Unknown argument "(\w+)" on field "(\w+)\.(\w+)"/,
      (schema, argument, name = '', field = '') => {
        const type = schema.getType(name);
        const args = isObjectType(type) ? type.getFields()[field]?.args : undefined;
        return args
          ? hasNo(
              `${name}.${field}`,
              'argument',
              argument,
              args.map(({ name }) => name),
            )
          : null;
      },
    ],
  ];

function onInput(
  schema: GraphQLSchema,
  name: string,
  advice: (type: GraphQLInputObjectType) => string,
): string | null {
  const type = schema.getType(name);
  return isInputObjectType(type) ? advice(type) : null;
}

function adviceFor(said: string, schema: GraphQLSchema): string | null {
  for (const [pattern, advice] of SAID) {
    const match = pattern.exec(said);
    const told = match && advice(schema, ...match.slice(1));
    if (told) return told;
  }
  return null;
}

/**
 * The error of something that is elsewhere or is not there, as it says what there is and how it is written; any other as it is.
 * Names what is in the schema.
 */
export function adviseOnDocument(error: GraphQLError, schema: GraphQLSchema): GraphQLError {
  const advice = adviceFor(error.message, schema);
  return advice === null ? error : new GraphQLError(advice, { nodes: error.nodes });
}

/** In characters: of what a client chose, what a sentence repeats as one name, and as several. */
const MAX_NAME = 30;
const MAX_NAMES = 45;

/** Throws where a document does not have the operation that is to run, and says which it has. */
export function assertOperation(document: DocumentNode, wanted: unknown): void {
  if (wanted != null && typeof wanted !== 'string') {
    throw bad(400, '"operationName" must be a text.');
  }
  if (getOperationAST(document, wanted)) return;
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (operations.length === 0) {
    throw bad(400, 'The document has fragments, and nothing that is to run: write { … } too.');
  }
  const fault =
    wanted == null
      ? 'The document has several operations.'
      : `The document has no operation "${cut(wanted, MAX_NAME)}".`;
  const names = operations.flatMap(({ name }) => (name ? [name.value] : []));
  const advice =
    names.length > 0
      ? `Name one that it has as "operationName": ${cut(ofThem(names), MAX_NAMES)}.`
      : 'It has one without a name: leave "operationName" out.';
  throw bad(400, `${fault} ${advice}`);
}
