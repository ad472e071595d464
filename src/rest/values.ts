/** From what a form or a JSON body holds to what a schema would have, where that is plain: the schema refuses the rest. */
import type * as v from 'valibot';
import { isNullable, isOptional, itemOf, schemaFactsOf } from '../base/fields.ts';

/** As clients write what the company API has as 0 and 1. */
const FLAGS = new Map([
  ['true', 1],
  ['on', 1],
  ['false', 0],
  ['off', 0],
]);

/** As JSON writes them; a whole number without an exponent. */
const INTEGER = /^(0|-?[1-9]\d*)$/;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

/** A number that a form could only write as a text. */
const numberOf = (value: unknown, written: RegExp): unknown =>
  typeof value === 'string' && written.test(value) ? Number(value) : value;

const flagOf = (value: unknown): unknown =>
  FLAGS.get(String(value).toLowerCase()) ?? numberOf(value, INTEGER);

const isFlag = (values: readonly unknown[] = []): boolean => String(values) === '0,1';

/** A value as its schema would have it. */
export function coerce(schema: v.GenericSchema, value: unknown): unknown {
  const item = itemOf(schema);
  if (item && Array.isArray(value)) {
    // One more than it may have is enough to be refused, and does not fill the isolate with complaints.
    const { maxItems = 0 } = schemaFactsOf(schema);
    return value.slice(0, maxItems + 1).map((one) => coerce(item, one));
  }
  // However deep it goes, it is not what is wanted.
  if (typeof value === 'object' && value !== null) return {};
  const { type, enum: values } = schemaFactsOf(schema);
  if (isFlag(values)) return flagOf(value);
  if (type === 'integer') return numberOf(value, INTEGER);
  return type === 'number' ? numberOf(value, NUMBER) : value;
}

/** A list of numbers may also be one value, such as `1,2` or `[1, 2]`. */
const split = (value: unknown): unknown[] =>
  typeof value === 'string'
    ? value
        .replace(/^\[(.*)\]$/s, '$1')
        .split(',')
        .map((one) => one.trim())
    : [value];

/** What a form says of a field. An empty value is an absent one, but where it can mean null or the empty list. */
export function fromForm(schema: v.GenericSchema, values: unknown[]): unknown {
  const item = itemOf(schema);
  if (item) {
    // A form cannot say that a list is empty but by leaving it out.
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

/**
 * A form has a blank for "+", and clients that know nothing of that send telephone numbers as they are: what begins with a
 * blank has lost its "+" to the form.
 */
export const withPlus = (schema: v.GenericSchema, value: string): string =>
  schemaFactsOf(schema).format === 'phone' ? value.replace(/^ +(?=[\d(])/, '+') : value;
