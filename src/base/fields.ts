/**
 * Fields of the company API. Each schema says what it accepts, and how the reference describes it.
 */
import * as v from 'valibot';
import { atMost, BLANK, CONTROL, isVisible } from './text.ts';

/** What the reference says about a field, in JSON Schema keywords. */
export interface SchemaFacts {
  type?: string | readonly string[];
  description?: string;
  example?: unknown;
  enum?: readonly unknown[];
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
}

/** Adds facts for the reference to a pipe. The value passes unchanged. */
export const schemaFacts = <Value>(facts: SchemaFacts) =>
  v.metadata<Value, Record<string, unknown>>({ ...facts });

export type ObjectSchema = v.ObjectSchema<v.ObjectEntries, undefined>;

type Wrapping = v.GenericSchema & { wrapped?: v.GenericSchema };

/** The JSON Schema keywords of a schema, without its structure. */
export function schemaFactsOf(schema: v.GenericSchema): SchemaFacts {
  const { wrapped } = schema as Wrapping;
  // Any schema may have metadata, but the type of `getMetadata` does not allow it.
  return {
    ...(wrapped && schemaFactsOf(wrapped)),
    ...(v.getMetadata(schema as never) as SchemaFacts),
  };
}

/** Whether a field may be null. */
export const isNullable = (schema: v.GenericSchema): boolean => {
  const { type, wrapped } = schema as Wrapping;
  return /^null/.test(type) || (wrapped !== undefined && isNullable(wrapped));
};

/** Whether a field may be left out. */
export const isOptional = ({ type }: v.GenericSchema): boolean => /^(optional|nullish)$/.test(type);

/** The schema of a list's items. Undefined if the schema is not a list. */
export function itemOf(schema: v.GenericSchema): v.GenericSchema | undefined {
  const { wrapped, item } = schema as Wrapping & { item?: v.GenericSchema };
  return item ?? (wrapped && itemOf(wrapped));
}

/** The same schema with a description and an example for the reference. */
export const described = <Schema extends v.GenericSchema>(
  schema: Schema,
  description: string,
  example?: unknown,
): Schema =>
  // Metadata changes the type of a pipe, but not the schema's input or output.
  v.pipe(
    schema,
    schemaFacts({ description, ...(example === undefined ? {} : { example }) }),
  ) as unknown as Schema;

/** The same schema of an object, which is no value of a form. */
export const nested = <Schema extends v.GenericSchema>(schema: Schema): Schema =>
  // Metadata changes the type of a pipe, but not the schema's input or output.
  v.pipe(schema, schemaFacts({ type: 'object' })) as unknown as Schema;

/** A whole number from `least` to `most`. */
export function integer(least: number, most: number) {
  const sentence = `Must be a whole number from ${least} to ${most}.`;
  return v.pipe(
    v.number(sentence),
    v.check((n) => Number.isInteger(n), sentence),
    v.check((n) => n >= least && n <= most, `Must be from ${least} to ${most}.`),
    schemaFacts<number>({ type: 'integer', minimum: least, maximum: most }),
  );
}

/** A number from `least` to `most`. */
export const decimal = (least: number, most: number) =>
  v.pipe(
    v.number('Must be a number.'),
    v.check((n) => n >= least && n <= most, `Must be from ${least} to ${most}.`),
    schemaFacts<number>({ type: 'number', minimum: least, maximum: most }),
  );

/** An id of ours, as the company API writes it: a number. */
export const id = v.pipe(
  v.number('Must be an id: a whole number.'),
  v.check((n) => Number.isSafeInteger(n) && n > 0, 'Must be an id: a whole number below 2^53.'),
  schemaFacts<number>({
    type: 'integer',
    format: 'int64',
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
  }),
);

/** A boolean of the company API: 0 or 1. */
export const flag = v.pipe(
  v.picklist([0, 1], 'Must be 0 or 1.'),
  schemaFacts<0 | 1>({ type: 'integer', enum: [0, 1] }),
);

/**
 * A text of `least` to `most` code points without control characters, and not only spaces. `orNull`
 * is added to the message where null is allowed too.
 */
export const string = (least: number, most: number, orNull = '') =>
  v.pipe(
    v.string('Must be a text.'),
    v.check((value) => {
      const { length } = [...value];
      return length >= least && length <= most;
    }, `Must be ${least} to ${most} characters long${orNull}.`),
    v.check((value) => !CONTROL.test(value), 'Must not contain control characters.'),
    v.check(isVisible, BLANK),
    schemaFacts<string>({ type: 'string', minLength: least, maxLength: most }),
  );

/** A list of at most `most` items. Duplicates are dropped. */
export const list = <Item extends v.GenericSchema>(item: Item, most: number) =>
  Object.assign(
    v.pipe(
      atMost(most, `Must be at most ${most}.`),
      v.array(item),
      v.transform((items) => [...new Set(items)]),
      schemaFacts<v.InferOutput<Item>[]>({ maxItems: most }),
    ),
    // valibot's pipe shows only its first schema, which does not know the items yet.
    { item },
  );

/** Degrees from -`most` to `most`, as a text with six decimals. */
export const degrees = (most: number) =>
  v.pipe(
    v.union([v.string(), v.number()], 'Must be a number of degrees, as a text.'),
    v.transform((value) => (typeof value === 'number' ? value.toFixed(6) : value)),
    v.check(
      (value) => /^-?\d{1,3}(\.\d{1,20})?$/.test(value) && Math.abs(Number(value)) <= most,
      `Must be a number of degrees from -${most} to ${most}, such as "${most / 2}.000000".`,
    ),
    v.transform((value) =>
      Number(value)
        .toFixed(6)
        .replace(/^-(0\.0+)$/, '$1'),
    ),
    schemaFacts<string>({ type: 'string', example: '0.000000' }),
  );
