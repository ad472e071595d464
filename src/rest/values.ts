/**
 * Coerces values of a form or a JSON body to the types of a schema where that is unambiguous. The
 * schema refuses the rest.
 */
import type * as v from 'valibot';
import { isNullable, isOptional, itemOf, schemaFactsOf } from '../base/fields.ts';

/** Other ways to write 0 and 1. */
const FLAGS = new Map([
  ['true', 1],
  ['on', 1],
  ['false', 0],
  ['off', 0],
]);

/** Numbers in JSON notation. Whole numbers without an exponent. */
const INTEGER = /^(0|-?[1-9]\d*)$/;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

/** Converts a number that a form could only send as a text. */
const numberOf = (value: unknown, written: RegExp): unknown =>
  typeof value === 'string' && written.test(value) ? Number(value) : value;

const flagOf = (value: unknown): unknown =>
  FLAGS.get(String(value).toLowerCase()) ?? numberOf(value, INTEGER);

const isFlag = (values: readonly unknown[] = []): boolean => String(values) === '0,1';

/** Coerces a value to its schema. */
export function coerce(schema: v.GenericSchema, value: unknown): unknown {
  const item = itemOf(schema);
  if (item && Array.isArray(value)) {
    // One item too many is enough for a refusal. More would fill the isolate with errors.
    const { maxItems = 0 } = schemaFactsOf(schema);
    return value.slice(0, maxItems + 1).map((one) => coerce(item, one));
  }
  const { type, enum: values } = schemaFactsOf(schema);
  // Elsewhere an object is never valid, however deep it is.
  if (typeof value === 'object' && value !== null) return type === 'object' ? value : {};
  if (isFlag(values)) return flagOf(value);
  if (type === 'integer') return numberOf(value, INTEGER);
  return type === 'number' ? numberOf(value, NUMBER) : value;
}

/** A list of numbers may be one value, such as `1,2` or `[1, 2]`. */
const split = (value: unknown): unknown[] =>
  typeof value === 'string'
    ? value
        .replace(/^\[(.*)\]$/s, '$1')
        .split(',')
        .map((one) => one.trim())
    : [value];

/**
 * Reads a field of a form. An empty value counts as absent, unless it can mean null or the empty
 * list.
 */
export function fromForm(schema: v.GenericSchema, values: unknown[]): unknown {
  const item = itemOf(schema);
  if (item) {
    // A form expresses an empty list by leaving it out.
    if (values.length === 0) return isOptional(schema) ? undefined : [];
    const all = schemaFactsOf(item).type === 'integer' ? values.flatMap(split) : values;
    return coerce(
      schema,
      all.filter((value) => value !== ''),
    );
  }
  const last = values.at(-1);
  if (last === '') return isNullable(schema) ? null : undefined;
  return coerce(schema, last);
}

export const isPhone = (schema: v.GenericSchema): boolean =>
  schemaFactsOf(schema).format === 'phone';

/**
 * Restores the "+" of a telephone number. A form decodes "+" as a space, and some clients do not
 * escape it.
 */
export const withPlus = (value: string): string => value.replace(/^ +(?=[\d(])/, '+');
