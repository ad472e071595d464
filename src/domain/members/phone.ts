/** Numbers that alarms go to. */
import { parsePhoneNumberWithError } from 'libphonenumber-js/min';
import * as v from 'valibot';
import { shown } from '../../base/fields.ts';

/** In international format; null for what is no possible number with a country code. */
function read(value: string): string | null {
  try {
    const number = parsePhoneNumberWithError(value, { extract: false });
    return number.isPossible() && !number.ext ? number.formatInternational() : null;
  } catch {
    return null;
  }
}

const MAX = 40;

/** A *possible* number, not only an assigned one: ranges are opened faster than libraries follow. */
export const phone = v.pipe(
  v.string('Must be a telephone number, as a text.'),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const number = value.length <= MAX ? read(value) : null;
    if (number !== null) return number;
    addIssue({
      message:
        'Must be a telephone number with its country code, such as "+1 555 555 5555", or null.',
    });
    return NEVER;
  }),
  shown<string>({ type: 'string', format: 'phone', maxLength: MAX, example: '+1 555 555 5555' }),
);
