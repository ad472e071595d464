/** Forms, as OAuth sends them. */

const FORM = /^application\/x-www-form-urlencoded *(;|$)/i;

/**
 * The parameters of a form that `names` lists; the others are ignored, and those sent without a value count as not sent
 * (RFC 6749, section 3.2). A sentence where the body is no form, or names one of them twice.
 */
export async function readForm<Name extends string>(
  request: { header(name: string): string | undefined; formData(): Promise<FormData> },
  names: readonly Name[],
): Promise<Partial<Record<Name, string>> | string> {
  if (!FORM.test(request.header('Content-Type') ?? '')) {
    return 'The body must be a form: application/x-www-form-urlencoded.';
  }
  const sent = await request.formData();
  const form: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const [value, ...more] = sent.getAll(name);
    if (more.length > 0) return `"${name}" is given more than once.`;
    if (typeof value === 'string' && value !== '') form[name] = value;
  }
  return form;
}
