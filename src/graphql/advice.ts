/** Adds advice to GraphQL's own messages, for beginners. */
import {
  type GraphQLArgument,
  type GraphQLEnumType,
  GraphQLError,
  type GraphQLInputObjectType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isRequiredInputField,
} from 'graphql';
import { HOW_TO_SEND } from './negotiate.ts';

const BEGIN = 'It begins with "{", "query" or "mutation": { caller { kind } }.';

/** By the library's message about a request: what to say instead of it, or after it. */
const REQUESTS: [said: RegExp, advice: (said: string) => string][] = [
  [
    /^Must provide query string\.$/,
    () => `The request has no "query". ${HOW_TO_SEND} With GET: ?query=…`,
  ],
  [
    /^Unexpected parameter "/,
    (said) =>
      `${said} A body has "query", and may have "variables", "operationName" and "extensions".`,
  ],
  [/^Batching/, (said) => `${said} Send one object, not a list.`],
  [/^Expected "variables"/, (said) => `${said} Write {…} without quotes around it.`],
  [/^Syntax Error: Unexpected <EOF>/, () => `The document is empty. ${BEGIN}`],
  [/^Syntax Error: .+ found <EOF>/, (said) => `${said} A "}" or ")" is missing.`],
  [/^Syntax Error: Unexpected "[})]"/, (said) => `${said} It has no opening bracket.`],
  [/^Syntax Error: Unexpected Name/, (said) => `${said} ${BEGIN}`],
];

export const adviseOnRequest = (said: string): string =>
  REQUESTS.find(([pattern]) => pattern.test(said))?.[1](said) ?? said;

/** How to write an input object: in one of its ways, or with its required fields. */
export function formOf(type: GraphQLInputObjectType): string {
  const fields = Object.values(type.getFields());
  if (type.isOneOf) return fields.map(({ name }) => `{ ${name}: … }`).join(' or ');
  const needed = fields.filter(isRequiredInputField).map(({ name }) => `${name}: …`);
  return `{ ${needed.join(', ') || '…'} }`;
}

/** The names as a text. */
export const listNames = (names: Iterable<string>): string => [...names].join(', ') || 'none';

/** The values of an enum, as a document writes them. */
export const valuesOf = (type: GraphQLEnumType): string =>
  `"${type}" is one of ${listNames(type.getValues().map(({ name }) => name))}`;

/** The names in a message, and their type. */
interface Subject {
  schema: GraphQLSchema;
  type: GraphQLNamedType;
  /** The unknown name. */
  name: string;
  /** The field of an argument. */
  field: string;
}

/** Where a field is, if it exists elsewhere. */
function elsewhere({ schema, type, name }: Subject): string | undefined {
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()];
  if (type === query && mutation?.getFields()[name]) {
    return `"${name}" is a mutation: write mutation { ${name}(…) { … } }.`;
  }
  if (type === mutation && query?.getFields()[name]) {
    return `"${name}" is a query, not a mutation: write { ${name} … }.`;
  }
  const node = schema.getType(type.name.replace(/Connection$/, ''));
  return node !== type && isObjectType(node) && node.getFields()[name]
    ? `"${type}" is a page: ask for "${name}" below "nodes", as in nodes { ${name} }.`
    : undefined;
}

const whatItHas = ({ type, name }: Subject): string | undefined =>
  isObjectType(type) || isInputObjectType(type)
    ? `"${type}" has no field "${name}". It has ${listNames(Object.keys(type.getFields()))}.`
    : undefined;

const argumentsOf = (type: GraphQLNamedType, field: string): readonly GraphQLArgument[] =>
  isObjectType(type) ? (type.getFields()[field]?.args ?? []) : [];

/** By GraphQL's message: what to say instead. The first advice that applies is used. */
const SAID: [said: RegExp, advice: (subject: Subject) => string | undefined][] = [
  [/^Cannot query field "(?<name>\w+)" on type "(?<type>\w+)"/, elsewhere],
  [/^Cannot query field "(?<name>\w+)" on type "(?<type>\w+)"\.$/, whatItHas],
  [/^Expected .+ "(?<type>\w+)" not to include unknown field "(?<name>\w+)"/, whatItHas],
  [
    /^Expected value of type "(?<type>\w+)" to be an object, found: /,
    ({ type }) =>
      isInputObjectType(type) ? `"${type}" is an object: write ${formOf(type)}.` : undefined,
  ],
  [
    /^Expected .+ "(?<type>\w+)" to include required field "(?<name>\w+)"/,
    ({ type, name }) =>
      isInputObjectType(type) ? `"${type}" lacks "${name}": write ${formOf(type)}.` : undefined,
  ],
  [
    /^Argument "(?<type>\w+)\.(?<field>\w+)\((?<name>\w+):\)" of type .+ is required/,
    ({ type, name, field }) => {
      const wanted = getNamedType(argumentsOf(type, field).find((one) => one.name === name)?.type);
      const form = isInputObjectType(wanted) ? formOf(wanted) : '…';
      return `"${field}" lacks "${name}": write ${field}(${name}: ${form}).`;
    },
  ],
  [
    /^Within OneOf Input Object type "(?<type>\w+)"/,
    ({ type }) =>
      isInputObjectType(type) ? `"${type}" takes exactly one: write ${formOf(type)}.` : undefined,
  ],
  [
    /^Value "(?<name>\w+)" does not exist in "(?<type>\w+)" enum/,
    ({ type, name }) =>
      isEnumType(type) ? `There is no "${name}": ${valuesOf(type)}.` : undefined,
  ],
  [
    /^Enum "(?<type>\w+)" cannot represent/,
    ({ type }) => (isEnumType(type) ? `${valuesOf(type)}, without quotes.` : undefined),
  ],
  [
    /^Unknown argument "(?<name>\w+)" on field "(?<type>\w+)\.(?<field>\w+)"/,
    ({ type, name, field }) =>
      `"${type}.${field}" has no argument "${name}". It has ` +
      `${listNames(argumentsOf(type, field).map((one) => one.name))}.`,
  ],
];

function adviceFor(said: string, schema: GraphQLSchema): string | undefined {
  for (const [pattern, advice] of SAID) {
    const { type: typeName = '', name = '', field = '' } = pattern.exec(said)?.groups ?? {};
    const type = schema.getType(typeName);
    const told = type && advice({ schema, type, name, field });
    if (told) return told;
  }
  return undefined;
}

/**
 * The error with advice about what exists and how to write it, or the error as it is. It names
 * parts of the schema.
 */
export function adviseOnDocument(error: GraphQLError, schema: GraphQLSchema): GraphQLError {
  const advice = adviceFor(error.message, schema);
  return advice === undefined ? error : new GraphQLError(advice, { nodes: error.nodes });
}
