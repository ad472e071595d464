/** Fields of the company API: each schema says beside what it accepts how the reference shows it. */
import * as v from 'valibot';
import { BLANK, CONTROL, few, isVisible } from './text.ts';

/** What the reference says of a field, in the words of JSON Schema. */
export interface Shown {
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

/** What the reference says of a schema, as a part of its pipe: it takes and gives what comes. */
export const shown = <Value>(facts: Shown) =>
  v.metadata<Value, Record<string, unknown>>({ ...facts });

export type ObjectSchema = v.ObjectSchema<v.ObjectEntries, undefined>;

type Wrapping = v.GenericSchema & { wrapped?: v.GenericSchema };

/** What the reference says of a schema besides its shape. */
export function shownOf(schema: v.GenericSchema): Shown {
  const { wrapped } = schema as Wrapping;
  // Metadata may stand in any schema, which the type of `getMetadata` does not say.
  return { ...(wrapped && shownOf(wrapped)), ...(v.getMetadata(schema as never) as Shown) };
}

/** Whether a field may be null. */
export const isNullable = (schema: v.GenericSchema): boolean => {
  const { type, wrapped } = schema as Wrapping;
  return /^null/.test(type) || (wrapped !== undefined && isNullable(wrapped));
};

/** Whether a field may be left out. */
export const isOptional = ({ type }: v.GenericSchema): boolean => /^(optional|nullish)$/.test(type);

/** The schema of a list's items; undefined for what is no list. */
export function itemOf(schema: v.GenericSchema): v.GenericSchema | undefined {
  const { wrapped, item } = schema as Wrapping & { item?: v.GenericSchema };
  return item ?? (wrapped && itemOf(wrapped));
}

/** The same field with a sentence and an example for the reference. */
export const described = <Schema extends v.GenericSchema>(
  schema: Schema,
  description: string,
  example?: unknown,
): Schema =>
  // Metadata changes neither what a schema takes nor what it gives, but the type of a pipe.
  v.pipe(
    schema,
    shown({ description, ...(example === undefined ? {} : { example }) }),
  ) as unknown as Schema;

/** A whole number from `least` to `most`. */
export function integer(least: number, most: number) {
  const sentence = `Must be a whole number from ${least} to ${most}.`;
  return v.pipe(
    v.number(sentence),
    v.check((n) => Number.isInteger(n), sentence),
    v.check((n) => n >= least && n <= most, `Must be from ${least} to ${most}.`),
    shown<number>({ type: 'integer', minimum: least, maximum: most }),
  );
}

/** A number from `least` to `most`. */
export const decimal = (least: number, most: number) =>
  v.pipe(
    v.number('Must be a number.'),
    v.check((n) => n >= least && n <= most, `Must be from ${least} to ${most}.`),
    shown<number>({ type: 'number', minimum: least, maximum: most }),
  );

/** An id of ours, as the company API has them. */
export const id = v.pipe(
  v.number('Must be an id: a whole number.'),
  v.check((n) => Number.isSafeInteger(n) && n > 0, 'Must be an id: a whole number below 2^53.'),
  shown<number>({
    type: 'integer',
    format: 'int64',
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
  }),
);

/** What the company API has for booleans. */
export const flag = v.pipe(
  v.picklist([0, 1], 'Must be 0 or 1.'),
  shown<0 | 1>({ type: 'integer', enum: [0, 1] }),
);

/**
 * `least` to `most` code points without control characters, and not all of them blank. `orNull`: what
 * its refusal adds where null may stand there too.
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
    shown<string>({ type: 'string', minLength: least, maxLength: most }),
  );

/** At most `most` of them, each once. */
export const list = <Item extends v.GenericSchema>(item: Item, most: number) =>
  Object.assign(
    v.pipe(
      few(most, `Must be at most ${most}.`),
      v.array(item),
      v.transform((items) => [...new Set(items)]),
      shown<v.InferOutput<Item>[]>({ maxItems: most }),
    ),
    // A pipe tells of its first part alone, whose items are not known yet.
    { item },
  );

/** Degrees, as a text with six decimals. */
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
    shown<string>({ type: 'string', example: '0.000000' }),
  );
