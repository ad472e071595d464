/** From the schemas that validate to the words of JSON Schema, and to examples. */
import type * as v from 'valibot';
import { isNullable, isOptional, itemOf, type ObjectSchema, shownOf } from '../../base/fields.ts';

export type Json = Record<string, unknown>;

const entriesOf = (schema: v.GenericSchema): v.ObjectEntries | undefined =>
  (schema as Partial<ObjectSchema>).entries;

/** A schema in the words of JSON Schema, without its examples. */
export function schemaOf(schema: v.GenericSchema): Json {
  const { example, ...facts } = shownOf(schema);
  const item = itemOf(schema);
  const entries = entriesOf(schema);
  if (item) return { ...facts, type: 'array', items: schemaOf(item) };
  if (entries) return { ...facts, ...objectOf(entries) };
  return isNullable(schema) ? { ...facts, type: [facts.type, 'null'] } : { ...facts };
}

export function objectOf(
  entries: v.ObjectEntries,
  nameOf = (name: string, _: v.GenericSchema) => name,
): Json {
  const fields = Object.entries(entries) as [string, v.GenericSchema][];
  const required = fields.filter(([, schema]) => !isOptional(schema));
  return {
    type: 'object',
    properties: Object.fromEntries(
      fields.map(([name, schema]) => [
        nameOf(name, schema),
        { ...schemaOf(schema), ...defaultOf(schema) },
      ]),
    ),
    ...(required.length > 0
      ? { required: required.map(([name, schema]) => nameOf(name, schema)) }
      : {}),
  };
}

export function defaultOf(schema: v.GenericSchema): Json {
  const { default: value } = schema as { default?: unknown };
  return value === undefined ? {} : { default: value };
}

/** What the examples of its parts make. */
export function exampleOf(schema: v.GenericSchema): unknown {
  const { example, enum: values } = shownOf(schema);
  const item = itemOf(schema);
  const entries = entriesOf(schema);
  if (example !== undefined) return example;
  if (item) return [exampleOf(item)];
  if (entries) {
    return Object.fromEntries(
      (Object.entries(entries) as [string, v.GenericSchema][])
        .filter(
          ([, part]) => !isOptional(part) || shownOf(part).example !== undefined || itemOf(part),
        )
        .map(([name, part]) => [name, exampleOf(part)]),
    );
  }
  return values ? values.at(-1) : isNullable(schema) || schema.type === 'null' ? null : 1;
}
