/** The fields for a new password, entered twice. */
import { Failure } from '../api/failure.ts';
import { Field } from './form.tsx';

export const NewPassword = () => (
  <>
    <Field
      name="password"
      label="New password"
      type="password"
      autoComplete="new-password"
      hint="12 to 128 characters. A sentence is easy to remember."
      required
    />
    <Field
      name="repeated"
      label="New password again"
      type="password"
      autoComplete="new-password"
      required
    />
  </>
);

/** The new password. Throws a Failure if the two differ. */
export function passwordOf(values: FormData): string {
  const password = String(values.get('password'));
  if (password === String(values.get('repeated'))) return password;
  throw new Failure('refused', '', { repeated: 'These are two different passwords.' });
}
