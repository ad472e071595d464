/** From the schemas that validate to the words of JSON Schema, and to examples. */
import type * as v from 'valibot';
import {
  isNullable,
  isOptional,
  itemOf,
  type ObjectSchema,
  schemaFactsOf,
} from '../base/fields.ts';
import { nameOf } from './models.ts';

export type Json = Record<string, unknown>;

export const refTo = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

export const entriesOf = (schema: v.GenericSchema): v.ObjectEntries | undefined =>
  (schema as Partial<ObjectSchema>).entries;

export const fieldsOf = (entries: v.ObjectEntries) =>
  Object.entries(entries) as [name: string, schema: v.GenericSchema][];

/** A schema in the words of JSON Schema, without its examples. What has a name is referred to by it. */
export function schemaOf(schema: v.GenericSchema): Json {
  const { example, ...facts } = schemaFactsOf(schema);
  const item = itemOf(schema);
  const name = nameOf(schema);
  const entries = entriesOf(schema);
  if (item) return { ...facts, type: 'array', items: schemaOf(item) };
  if (name) return refTo(name);
  if (entries) return { ...facts, ...objectOf(entries) };
  return isNullable(schema) && facts.type !== 'null'
    ? { ...facts, type: [facts.type, 'null'] }
    : { ...facts };
}

/** An object's fields, each with its default; those that are not optional are required. */
export function objectOf(entries: v.ObjectEntries): Json {
  const fields = fieldsOf(entries);
  const required = fields.filter(([, schema]) => !isOptional(schema)).map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(
      fields.map(([name, schema]) => [name, { ...schemaOf(schema), ...defaultOf(schema) }]),
    ),
    ...(required.length > 0 ? { required } : {}),
  };
}

export function defaultOf(schema: v.GenericSchema): Json {
  const { default: value } = schema as { default?: unknown };
  return value === undefined ? {} : { default: value };
}

/** Whether an example has a field: what may be left out is shown where it says how, and lists are left as they are. */
const isShown = (schema: v.GenericSchema): boolean =>
  !isOptional(schema) || (schemaFactsOf(schema).example !== undefined && !itemOf(schema));

/** What the examples of its parts make. */
export function exampleOf(schema: v.GenericSchema): unknown {
  const { example, enum: values } = schemaFactsOf(schema);
  const item = itemOf(schema);
  const entries = entriesOf(schema);
  if (example !== undefined) return example;
  if (item) return [exampleOf(item)];
  if (entries) {
    return Object.fromEntries(
      fieldsOf(entries)
        .filter(([, part]) => isShown(part))
        .map(([name, part]) => [name, exampleOf(part)]),
    );
  }
  return values ? values.at(-1) : isNullable(schema) || schema.type === 'null' ? null : 1;
}
