/** Forms, as OAuth sends them. */

const FORM = /^application\/x-www-form-urlencoded *(;|$)/i;

/** More would only be there to be parsed. */
const MAX_PARAMETERS = 100;

/**
 * The parameters of a form that `names` lists; the others are ignored, and those sent without a value count as not sent
 * (RFC 6749, section 3.2). A sentence where the body is no form, or names one of them twice.
 */
export async function readForm<Name extends string>(
  request: { header(name: string): string | undefined; arrayBuffer(): Promise<ArrayBuffer> },
  names: readonly Name[],
): Promise<Partial<Record<Name, string>> | string> {
  if (!FORM.test(request.header('Content-Type') ?? '')) {
    return 'The body must be a form: application/x-www-form-urlencoded.';
  }
  const text = new TextDecoder().decode(await request.arrayBuffer());
  if (text.split('&', MAX_PARAMETERS + 1).length > MAX_PARAMETERS) {
    return `The form has more than ${MAX_PARAMETERS} parameters.`;
  }
  const sent = new URLSearchParams(text);
  const form: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const [value, ...more] = sent.getAll(name);
    if (more.length > 0) return `"${name}" is given more than once.`;
    if (value) form[name] = value;
  }
  return form;
}
