/** Asking for a link to set a new password. */
import { useState } from 'preact/hooks';
import { Failure } from '../../api/failure.ts';
import { askForReset } from '../../api/guest.ts';
import { Field, Form, textOf } from '../../parts/form.tsx';
import { Door } from './door.tsx';

const NO_MAIL =
  'This service sends no mail. Ask a colleague of level 1 or 2: under People they can make a ' +
  'link for you.';

export function ForgotPassword() {
  const [isAsked, setAsked] = useState(false);
  const submit = async (values: FormData) => {
    try {
      await askForReset(textOf(values, 'email'));
    } catch (thrown) {
      const isWithoutMail = thrown instanceof Failure && thrown.reason === 'forbidden';
      throw isWithoutMail ? new Failure('forbidden', NO_MAIL) : thrown;
    }
    setAsked(true);
  };
  return (
    <Door title={isAsked ? 'Look into your inbox' : 'Forgot your password?'}>
      {isAsked ? (
        <p class="prose">
          If a member has this address, a link is on its way to it. It works for 24 hours. If none
          comes, look into your spam folder, or ask a colleague of level 1 or 2.
        </p>
      ) : (
        <Form onSubmit={submit} submit="Send a link" label="Forgot your password?">
          <Field
            name="email"
            label="E-mail"
            type="email"
            autoComplete="username"
            hint="We send a link with which you set a new password."
            required
          />
        </Form>
      )}
      <p class="door-links">
        <a href="/console">Back to signing in</a>
      </p>
    </Door>
  );
}
