/**
 * Validation of texts: well-formed Unicode of a bounded length. And the one way from input to
 * parsed values.
 */
import * as v from 'valibot';
import { type Complaint, MAX_COMPLAINTS, refuseAny } from './faults.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are refused.
export const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Whether the text has a visible character. Spaces and invisible characters are not a name. */
export const isVisible = (value: string): boolean =>
  /[^\s\p{Default_Ignorable_Code_Point}]/u.test(value);
export const BLANK = 'Must not be blank.';

/** A text of 1 to `max` code points without control characters. */
export const text = (max: number) =>
  v.pipe(
    v.string('Must be a text.'),
    v.check((value) => value !== '', 'Must not be empty.'),
    v.check((value) => [...value].length <= max, `Must be at most ${max} characters long.`),
    v.check((value) => !CONTROL.test(value), 'Must not contain control characters.'),
  );

/** The same for what people read: a name, or a sentence. `max`: in characters. */
export const nameText = (max: number) => v.pipe(text(max), v.check(isVisible, BLANK));

/**
 * A list of at most `most` items. The length is checked before the items, each of which may have an
 * error.
 */
export const atMost = (most: number, message: string) =>
  v.pipe(v.array(v.unknown(), 'Must be a list.'), v.maxLength(most, message));

/**
 * Reads an id as clients send it: a decimal integer below 2^53, as a text. Null for anything else.
 */
export function readId(value: string): number | null {
  const id = /^[1-9][0-9]{0,15}$/.test(value) ? Number(value) : Number.NaN;
  return Number.isSafeInteger(id) ? id : null;
}

/** Parses an id as clients send it to a number. */
export const idText = v.pipe(
  v.string(),
  v.check((value) => readId(value) !== null, 'Must be an id: a decimal integer below 2^53.'),
  v.transform((value) => Number(value)),
);

/** A number from `least` to `most`. */
export const range = (least: number, most: number, gloss = '') =>
  v.pipe(
    v.number(),
    v.check((n) => n >= least && n <= most, `Must be from ${least} to ${most}${gloss}.`),
  );

/** A time in the future, in epoch milliseconds. */
export const future = (now: number) =>
  v.pipe(
    v.number(),
    v.check((at) => at > now, 'Must be in the future.'),
  );

function* loneSurrogates(value: unknown, path: string[]): Generator<Complaint> {
  if (typeof value === 'string' && !value.isWellFormed()) {
    yield {
      code: 'INVALID',
      path,
      message: 'Must be well-formed Unicode: it has a lone surrogate.',
    };
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* loneSurrogates(inner, [...path, key]);
  }
}

/** The parsed input. Throws a Refusal with a complaint for each invalid field. */
export function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
): v.InferOutput<Schema> {
  const { sound, faults } = examine(schema, input);
  refuseAny(faults);
  return sound as v.InferOutput<Schema>;
}

export interface Examined {
  /** The valid input: all of it, or the valid fields. */
  sound: unknown;
  /** The names of the invalid fields. */
  faulty: ReadonlySet<string | undefined>;
  faults: Complaint[];
}

const namesOf = (faults: Complaint[]): Examined['faulty'] =>
  new Set(faults.map(({ path: [name] }) => name));

const soundOf = (output: unknown, faulty: Examined['faulty']): unknown =>
  faulty.has(undefined)
    ? {}
    : Object.fromEntries(Object.entries(Object(output)).filter(([name]) => !faulty.has(name)));

/** Parses input as far as it is valid, and says what is wrong with the rest. */
export function examine(schema: v.GenericSchema, input: unknown): Examined {
  const { success, output, issues = [] } = v.safeParse(schema, input, { abortPipeEarly: true });
  if (!success && issues.length === 0) {
    throw new Error('valibot reported a failure without an issue');
  }
  const misfits = issues.map(
    (issue): Complaint => ({
      code: 'INVALID',
      path: issue.path?.map(({ key }) => String(key)) ?? [],
      message: issue.received === 'undefined' ? 'Is missing.' : issue.message,
    }),
  );
  const fitting = success ? output : soundOf(output, namesOf(misfits));
  const surrogates = loneSurrogates(fitting, []).take(MAX_COMPLAINTS).toArray();
  const all = [...misfits, ...surrogates];
  const faulty = namesOf(all);
  const sound = surrogates.length > 0 ? soundOf(fitting, faulty) : fitting;
  return { sound, faulty, faults: all.slice(0, MAX_COMPLAINTS) };
}
