/** Converts validation schemas to JSON Schema and to examples. */
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

/** A schema as JSON Schema, without its examples. A named schema becomes a reference. */
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

/** The fields of an object with their defaults. Those that are not optional are required. */
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

/**
 * Whether an example includes a field. Optional fields need an example of their own, and optional
 * lists are left out.
 */
const isShown = (schema: v.GenericSchema): boolean =>
  !isOptional(schema) || (schemaFactsOf(schema).example !== undefined && !itemOf(schema));

/** The example of a schema, from the examples of its parts. */
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
