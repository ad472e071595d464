/** Bodies as forms. Lists have brackets. An empty field counts as left out, or clears the value. */
import type * as v from 'valibot';
import { isNullable, isOptional, itemOf, type ObjectSchema } from '../base/fields.ts';
import { defaultOf, fieldsOf, type Json, refTo, schemaOf } from './schema.ts';

/** For form fields that may be empty. */
export const EmptyValue = {
  type: 'string',
  maxLength: 0,
  description: 'Empty: the field is present without a value.',
};

const inForm = (name: string, schema: v.GenericSchema): string =>
  itemOf(schema) ? `${name}[]` : name;

/** A field that may be empty. A text of any length already allows that. */
function orEmpty({ description, ...facts }: Json): Json {
  if (facts.type === 'string' && facts.minLength === undefined) return { description, ...facts };
  return {
    ...(description === undefined ? {} : { description }),
    anyOf: [facts, refTo('EmptyValue')],
  };
}

function fieldOf(schema: v.GenericSchema): Json {
  const item = itemOf(schema);
  const { type, ...facts } = schemaOf(schema);
  if (item) return { ...facts, type, items: orEmpty(schemaOf(item)) };
  // A form cannot write null.
  const field = { ...facts, type: Array.isArray(type) ? type[0] : type, ...defaultOf(schema) };
  return isOptional(schema) || isNullable(schema) ? orEmpty(field) : field;
}

export function formOf({ entries }: ObjectSchema): Json {
  const fields = fieldsOf(entries);
  // A missing list means the empty list.
  const required = fields.filter(([, part]) => !isOptional(part) && !itemOf(part));
  return {
    type: 'object',
    properties: Object.fromEntries(
      fields.map(([name, part]) => [inForm(name, part), fieldOf(part)]),
    ),
    ...(required.length > 0 ? { required: required.map(([name]) => name) } : {}),
  };
}

/** How lists are written in a form: `station_ids[]=1&station_ids[]=2`. */
export function encodingOf({ entries }: ObjectSchema): Json {
  const lists = fieldsOf(entries).filter(([, part]) => itemOf(part));
  if (lists.length === 0) return {};
  return {
    encoding: Object.fromEntries(
      lists.map(([name, part]) => [inForm(name, part), { style: 'form', explode: true }]),
    ),
  };
}

/** The example of a form, from that of a JSON body. */
export const formExampleOf = ({ entries }: ObjectSchema, example: Json): Json =>
  Object.fromEntries(
    fieldsOf(entries)
      .filter(([name]) => name in example)
      .map(([name, part]) => [inForm(name, part), example[name]]),
  );
