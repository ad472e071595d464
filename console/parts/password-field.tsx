/** The field for the password that somebody has. */
import { Field } from './form.tsx';

export const PasswordField = () => (
  <Field
    name="password"
    label="Password"
    type="password"
    autoComplete="current-password"
    required
  />
);
