/** Forms, as OAuth sends them. */
import { FORM, mediaTypeOf } from '../base/headers.ts';
import { hasOtherCharset, notUtf8, readPairs, readUtf8 } from '../base/utf8.ts';
import { badRequest, otherCharset } from './answers.ts';

/** More would only be there to be parsed. */
const MAX_PARAMETERS = 100;

/**
 * The parameters of a form that `names` lists; the others are ignored, and those sent without a value count as not sent
 * (RFC 6749, section 3.2). The refusal where the body is no form in UTF-8, or names one of them twice.
 */
export async function readForm<Name extends string>(
  request: { header(name: string): string | undefined; arrayBuffer(): Promise<ArrayBuffer> },
  names: readonly Name[],
): Promise<Partial<Record<Name, string>> | Response> {
  const type = request.header('Content-Type') ?? '';
  if (mediaTypeOf(type) !== FORM) {
    return badRequest('The body must be a form: application/x-www-form-urlencoded.');
  }
  if (hasOtherCharset(type)) return otherCharset();
  const text = readUtf8(new Uint8Array(await request.arrayBuffer()));
  if (text === null) return badRequest(notUtf8('The form'));
  if (text.split('&', MAX_PARAMETERS + 1).length > MAX_PARAMETERS) {
    return badRequest(`The form has more than ${MAX_PARAMETERS} parameters.`);
  }
  const sent = readPairs(text);
  if (!sent) return badRequest(notUtf8('The form'));
  const form: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const [value, ...more] = sent.getAll(name);
    if (more.length > 0) return badRequest(`"${name}" is given more than once.`);
    if (value) form[name] = value;
  }
  return form;
}
