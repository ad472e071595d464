/** Telephone numbers for alarms. */
import { type MetadataJson, parsePhoneNumberWithError } from 'libphonenumber-js/core/es6';
import * as v from 'valibot';
import { Asset } from '../../base/asset.ts';
import { schemaFacts } from '../../base/fields.ts';
import type { Call } from '../permit.ts';

export type NumberingPlans = MetadataJson;

/**
 * Numbering plans by country: 20 KB gzipped that few requests need, so they are not in the Worker's
 * bundle.
 */
export const newNumberingPlans = () =>
  new Asset<NumberingPlans>('/numbering-plans.json', (file) => file.json());

const MAX = 40;

/** A number in international format, as it is stored. */
class TelephoneNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Parses a number. Returns the text if it is not a possible number with a country code. */
function read(text: string, plans: NumberingPlans): TelephoneNumber | string {
  try {
    const number = parsePhoneNumberWithError(text, { extract: false }, plans);
    return number.isPossible() && !number.ext
      ? new TelephoneNumber(number.formatInternational())
      : text;
  } catch {
    return text;
  }
}

const FIELDS = new Set(['sms', 'phone']);

/**
 * The input with its numbers parsed, for the schema below. Throws UNAVAILABLE if the numbering
 * plans cannot be read.
 */
export async function readNumbers({ assets, isolate }: Call, input: unknown): Promise<unknown> {
  const texts = Object.entries(Object(input)).filter(
    (entry): entry is [string, string] =>
      FIELDS.has(entry[0]) && typeof entry[1] === 'string' && entry[1].length <= MAX,
  );
  if (texts.length === 0) return input;
  const plans = await isolate.numberingPlans.from(assets);
  const numbers = texts.map(([name, text]) => [name, read(text, plans)]);
  return { ...Object(input), ...Object.fromEntries(numbers) };
}

/**
 * A *possible* number, whether assigned or not: new ranges open faster than libraries are updated.
 */
export const phone = v.pipe(
  v.instance(TelephoneNumber, ({ input }) =>
    typeof input === 'string'
      ? 'Must be a telephone number with its country code, such as "+1 555 555 5555", or null.'
      : 'Must be a telephone number, as a text.',
  ),
  v.transform(({ text }) => text),
  schemaFacts<string>({
    type: 'string',
    format: 'phone',
    maxLength: MAX,
    example: '+1 555 555 5555',
  }),
);
