/** The schema as clients see it: it does not change, and everything in it has a description. */

import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  lexicographicSortSchema,
  parse,
  printSchema,
  specifiedRules,
  validate,
  validateSchema,
} from 'graphql';
import { expect, it } from 'vitest';
import { specifiedRules as bundledRules } from '../../src/graphql/document-rules.ts';
import { getSchema } from '../../src/graphql/schema.ts';
import { rules } from '../../src/policy/rules.ts';
import { routes } from '../../src/rest/routes.ts';
import { consoleActions } from '../operations/console.ts';

it('is the one that test/schema.graphql holds', async () => {
  await expect(`${printSchema(lexicographicSortSchema(getSchema()))}\n`).toMatchFileSnapshot(
    '../schema.graphql',
  );
});

it('is valid, which the Worker takes for granted', () => {
  expect(validateSchema(getSchema())).toEqual([]);
});

it('is asked by graphql’s rules for documents, but for those about what it does not have', () => {
  const leftOut = specifiedRules.filter((rule) => !bundledRules.includes(rule));
  expect(leftOut.map(({ name }) => name)).toEqual([
    'SingleFieldSubscriptionsRule',
    'DeferStreamDirectiveOnRootFieldRule',
    'DeferStreamDirectiveOnValidOperationsRule',
    'DeferStreamDirectiveLabelRule',
    'StreamDirectiveOnListFieldRule',
  ]);
  expect(bundledRules).toEqual(specifiedRules.filter((rule) => !leftOut.includes(rule)));
  for (const document of ['subscription { a b }', '{ ... @defer { a } }', '{ a @stream { b } }']) {
    const errors = validate(getSchema(), parse(document), bundledRules);
    expect(errors.join()).toMatch(/subscription operation|Unknown directive/);
  }
});

const types = Object.values(getSchema().getTypeMap()).filter(
  (type) =>
    !isIntrospectionType(type) && !['Int', 'Float', 'Boolean', 'String', 'ID'].includes(type.name),
);

it('describes every type, field, argument and enum value', () => {
  const bare: string[] = [];
  const note = (name: string, { description }: { description?: string | null | undefined }) => {
    if (!description || description.length < 5 || !/[.:`]$/.test(description)) bare.push(name);
  };
  for (const type of types) {
    note(type.name, type);
    if (isEnumType(type)) {
      for (const value of type.getValues()) note(`${type.name}.${value.name}`, value);
    }
    if (isObjectType(type) || isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        note(`${type.name}.${field.name}`, field);
        if ('args' in field) {
          for (const arg of field.args) note(`${type.name}.${field.name}(${arg.name})`, arg);
        }
      }
    }
  }
  expect(bare).toEqual([]);
});

/** What only the edge lets do. */
const edge = ['session.introspect', 'session.signOut'];
/** What only the company API does; the last is asked for inside another action of it. */
const rest = [
  ...routes.map(({ action }) => action),
  'member.empower',
  'member.setAccess',
  'session.prove',
  'user.import',
  'user.beginExport',
  'user.export',
];

it('gives every root field an action, and every action a field, a route or the edge', () => {
  const seen = new Set<unknown>();
  for (const type of types.filter(isObjectType)) {
    for (const field of Object.values(type.getFields())) {
      const { action } = field.extensions as { action?: unknown };
      if (['Query', 'Mutation'].includes(type.name)) expect(action, field.name).toBeDefined();
      if (typeof action === 'function') {
        for (const companyUser of [undefined, {}]) {
          for (const suspended of [undefined, false]) {
            seen.add(action({ input: { userIdentifier: { companyUser }, suspended } }));
          }
          seen.add(action({ input: { userIdentifier: { companyUser }, reason: 'Ticket 42' } }));
        }
      } else if (action !== undefined) seen.add(action);
    }
  }
  const all = new Set([...seen, ...edge, ...rest, ...consoleActions]);
  expect([...all].sort()).toEqual(Object.keys(rules).sort());
});

it('takes one input a mutation, typed after it, and answers with success and errors', () => {
  for (const [name, field] of Object.entries(getSchema().getMutationType()?.getFields() ?? {})) {
    const Title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    expect(field.args.map((arg) => `${arg.name}: ${arg.type}`)).toEqual([`input: ${Title}Input!`]);
    const payload = getNamedType(field.type);
    expect(payload.name).toBe(`${Title}Payload`);
    const fields = isObjectType(payload) ? payload.getFields() : {};
    expect(String(fields.success?.type)).toBe('Boolean!');
    expect(String(fields.errors?.type)).toBe('[UserError!]!');
  }
});

/** What is a part of the object around it: caches keep it there. */
const PARTS = [
  ...['AuditActor', 'DeviceAccess', 'DevicePreview', 'EndedMinted', 'ExternalUser'],
  ...['Limits', 'Maker', 'OrdersForUser', 'PageInfo', 'Removal', 'SupportAccess'],
  ...['Usage', 'UserAccess', 'UserError', 'UserIdentifier', 'WebhookDelivery'],
];

it('gives an id to every object that can be met twice', () => {
  const bare = types
    .filter(isObjectType)
    .filter(({ name }) => !/^(Query|Mutation|.+(Payload|Connection|Edge))$/.test(name))
    .filter((type) => String(type.getFields().id?.type) !== 'ID!');
  expect(bare.map(({ name }) => name).sort()).toEqual(PARTS);
});
