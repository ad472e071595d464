/** GraphQL documents with their variables, grown from the schema. */
import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { getSchema } from '../../src/graphql/schema.ts';
import type { Stage } from './stage.ts';
import { oddText, valueFor } from './values.ts';

/** A value as variables have it, and as a document has it. */
interface Value {
  json: unknown;
  literal: string;
}

export interface Operation {
  query: string;
  variables?: unknown;
  operationName?: unknown;
}

/**
 * An object's own names are no GraphQL names: what comes out is then a document that does not
 * parse.
 */
const literalOf = (json: unknown): string => {
  if (Array.isArray(json)) return `[${json.map(literalOf).join(', ')}]`;
  if (typeof json !== 'object' || json === null) return JSON.stringify(json) ?? 'null';
  return `{${Object.entries(json).map(([name, value]) => `${name}: ${literalOf(value)}`)}}`;
};

const plain = (json: unknown): Value => ({ json, literal: literalOf(json) });

/** Nests no deeper than an honest document of ours. */
const MAX_DEPTH = 5;

export function documentsFor(stage: Stage): fc.Arbitrary<Operation> {
  function inputOf(type: GraphQLInputType, name: string): fc.Arbitrary<Value> {
    if (isNonNullType(type)) return inputOf(type.ofType, name);
    if (isListType(type)) {
      return fc.array(inputOf(type.ofType, name), { maxLength: 3 }).map((values) => ({
        json: values.map(({ json }) => json),
        literal: `[${values.map(({ literal }) => literal).join(', ')}]`,
      }));
    }
    if (isEnumType(type)) {
      const names = type.getValues().map(({ name: json }) => ({ json, literal: json }));
      return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, oddText.map(plain));
    }
    if (!isInputObjectType(type)) return valueFor(stage, name).map(plain);
    const fields = Object.values(type.getFields());
    if (!type.isOneOf) return objectOf(fields);
    return fc.oneof(
      { weight: 15, arbitrary: fc.oneof(...fields.map((field) => objectOf([field], true))) },
      objectOf(fields),
    );
  }

  function objectOf(fields: readonly GraphQLInputField[], all = false): fc.Arbitrary<Value> {
    const values = Object.fromEntries(fields.map(({ name, type }) => [name, inputOf(type, name)]));
    const required = fields.filter(({ type }) => isNonNullType(type)).map(({ name }) => name);
    return fc.record(values, all ? {} : { requiredKeys: required }).map((given) => ({
      json: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value?.json])),
      literal: `{${Object.entries(given)
        .map(([name, value]) => `${name}: ${value?.literal}`)
        .join(', ')}}`,
    }));
  }

  const argumentsOf = (args: readonly GraphQLArgument[]): fc.Arbitrary<string> =>
    args.length === 0
      ? fc.constant('')
      : objectOf(args as unknown as GraphQLInputField[]).map(({ literal }) =>
          literal === '{}' ? '' : `(${literal.slice(1, -1)})`,
        );

  const selections = new Map<string, fc.Arbitrary<string>>();

  function selectionOf(type: GraphQLObjectType, depth: number): fc.Arbitrary<string> {
    const key = `${type.name} ${depth}`;
    const known = selections.get(key);
    if (known) return known;
    const fields = Object.values(type.getFields())
      .filter((field) => depth > 0 || !isObjectType(getNamedType(field.type)))
      .map((field) => fieldOf(field, depth));
    const made = fc
      .tuple(
        fc.array(fc.oneof(fc.constant('__typename'), ...fields), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(
          '',
          '',
          '',
          `... on ${type.name}`,
          '... @include(if: true)',
          '... @skip(if: true)',
        ),
      )
      .map(([chosen, wrap]) => {
        const selection = `{ ${[...new Set(chosen)].join(' ')} }`;
        return wrap === '' ? selection : `{ __typename ${wrap} ${selection} }`;
      });
    selections.set(key, made);
    return made;
  }

  function fieldOf(
    { name, args, type }: GraphQLField<unknown, unknown>,
    depth: number,
  ): fc.Arbitrary<string> {
    const inner = getNamedType(type);
    return fc
      .tuple(
        fc.constantFrom('', '', '', '', 'a: ', 'b: '),
        argumentsOf(args),
        isObjectType(inner) ? selectionOf(inner, depth - 1) : fc.constant(''),
      )
      .map(([alias, given, below]) => `${alias}${name}${given} ${below}`);
  }

  /** A root field whose arguments are variables. */
  function called(kind: 'query' | 'mutation', field: GraphQLField<unknown, unknown>) {
    const inner = getNamedType(field.type);
    return fc
      .tuple(
        objectOf(field.args as unknown as GraphQLInputField[]),
        isObjectType(inner) ? selectionOf(inner, MAX_DEPTH - 1) : fc.constant(''),
      )
      .map(([{ json }, below]): Operation => {
        const { args, name } = field;
        const declared = args.map(({ name, type }) => `$${name}: ${type}`).join(', ');
        const passed = args.map(({ name }) => `${name}: $${name}`).join(', ');
        const [left, right] = args.length > 0 ? [`(${declared})`, `(${passed})`] : ['', ''];
        return { query: `${kind} It${left} { ${name}${right} ${below} }`, variables: json };
      });
  }

  const roots = [
    ['query', getSchema().getQueryType()],
    ['mutation', getSchema().getMutationType()],
  ] as const;
  const operations = roots.flatMap(([kind, type]) =>
    Object.values(type?.getFields() ?? {}).map((field) => called(kind, field)),
  );
  const inlined = roots.map(([kind, type]) =>
    type
      ? selectionOf(type, MAX_DEPTH).map((selection): Operation => ({ query: kind + selection }))
      : fc.constant<Operation>({ query: '' }),
  );
  return fc.oneof(
    { weight: 12, arbitrary: fc.oneof(...operations) },
    { weight: 3, arbitrary: fc.oneof(...inlined) },
    { weight: 2, arbitrary: odd },
  );
}

const times = (many: number, text: string): string => text.repeat(many);

/** Documents that are made to hurt. */
const odd: fc.Arbitrary<Operation> = fc.oneof(
  fc
    .constantFrom(
      '',
      '#',
      '{',
      '{}',
      '{ __typename }',
      '{ __schema { types { name fields { name type { name ofType { name } } } } } }',
      '{ __type(name: "__proto__") { name } }',
      '{ __proto__ constructor }',
      'subscription { caller { kind } }',
      'query A { caller { kind } } query B { caller { kind } }',
      'query ($a: Nothing!) { caller(a: $a) { kind } }',
      'query ($first: Int = 5, $first: Int) { users(first: $first) { nodes { id } } }',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      '{ ...constructor } fragment constructor on Query { caller { kind } }',
      'query @skip(if: true) @defer { caller { kind } }',
      '{ caller @include(if: "no") { kind } }',
      '{ caller { kind } } """a description"""',
      'type Query { a: Int } extend schema { query: Query }',
      '{ users(first: 100) { nodes { devices(first: 100) { nodes { permissions { user { ' +
        'orders { orderId } } } } } } } }',
      '{ users(first: 99999999999999999999) { nodes { id } } }',
      '{ users(first: -1, first: 2) { nodes { id } } }',
      '{ users(first: 1e400) { nodes { id } } }',
      `{ a${times(200, ' caller { kind } b: caller { kind }')} }`,
      `{ ${Array.from({ length: 150 }, (_, n) => `a${n}: caller { kind }`).join(' ')} }`,
      `{ caller ${times(150, '@include(if: true) ')} { kind } }`,
      `{ ${times(60, 'caller { ')} kind ${times(60, '} ')} }`,
      times(20_000, '{ a '),
      `{ user(userIdentifier: ${times(20_000, '[')} }`,
      `query (${times(3_000, '$a: [[[[Int]]]] ')}) { caller { kind } }`,
      `{ user(userIdentifier: { externalUser: { externalId: """${times(5_000, '\n ')}""" } ` +
        '}) { id } }',
      '{ user(userIdentifier: { externalUser: { externalId: "\\ud800" } }) { id } }',
      '{ user(userIdentifier: { externalUser: { externalId: "\\u{110000}" } }) { id } }',
      '{ user(userIdentifier: { externalUser: { externalId: "\\u0000" } }) { id } }',
      `{ ${Array.from({ length: 60 }, (_, n) => `...F${n}`).join(' ')} } ${Array.from(
        { length: 60 },
        (_, n) => `fragment F${n} on Query { caller { kind } ...F${n + 1} ...F${n + 2} }`,
      ).join(' ')} fragment F60 on Query { __typename } fragment F61 on Query { __typename }`,
    )
    .map((query) => ({ query })),
  fc.tuple(fc.anything(), oddText, fc.jsonValue()).map(([query, operationName, variables]) => ({
    query: query as string,
    operationName,
    variables,
  })),
);
