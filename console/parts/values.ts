/** What is in the fields of a form that is sent. */

/** The text of a field, without blanks around it. */
export const textOf = (values: FormData, name: string): string =>
  String(values.get(name) ?? '').trim();

/** The text of a field that may be empty. */
export const textOrNull = (values: FormData, name: string): string | null =>
  textOf(values, name) || null;

/** Whether a box is checked, as the company API wants it. */
export const flagOf = (values: FormData, name: string): 0 | 1 => (values.has(name) ? 1 : 0);

const NUMERIC = /^[+-]?\d+([.]\d+)?$/;

/**
 * The number in a field. What is none is sent as it is, and the API says what is wrong with it.
 * Undefined: the field is empty.
 */
export function numberOf(values: FormData, name: string): number | string | undefined {
  const text = textOf(values, name);
  if (text === '') return undefined;
  return NUMERIC.test(text) ? Number(text) : text;
}
