/** Setting a password with the token of a link. */
import { useState } from 'preact/hooks';
import { Failure } from '../../api/failure.ts';
import { setPassword } from '../../api/guest.ts';
import { Form } from '../../parts/form.tsx';
import { NewPassword, passwordOf } from '../../parts/new-password.tsx';
import { Door } from './door.tsx';

/**
 * Reads the token, which is behind `#` so that no server and no log sees it, and takes it out of
 * the address bar and the history. Runs before anything is shown.
 */
function takeToken(): string {
  if (location.pathname !== '/console/password' || location.hash.length < 2) return '';
  const token = location.hash.slice(1);
  history.replaceState(null, '', location.pathname);
  return token;
}

const TOKEN = takeToken();

const Done = () => (
  <Door title="Your password is set">
    <p class="prose">Sign in with it. All your earlier sessions have ended.</p>
    <p class="door-links">
      <a class="button primary" href="/console">
        Sign in
      </a>
    </p>
  </Door>
);

const NoToken = () => (
  <Door title="Set a password">
    <p class="prose">
      This page needs the link that you were given. Open the link again: it works once. If it no
      longer works, ask for a new one.
    </p>
    <p class="door-links">
      <a href="/console/forgot">Ask for a new link</a>
    </p>
  </Door>
);

/** A token that is used, expired or void. */
const voidToken = ({ fields }: Failure): boolean => fields.reset_token !== undefined;

export function SetPassword() {
  const [isDone, setDone] = useState(false);
  if (isDone) return <Done />;
  if (!TOKEN) return <NoToken />;
  const submit = async (values: FormData) => {
    try {
      await setPassword(TOKEN, passwordOf(values));
    } catch (thrown) {
      if (!(thrown instanceof Failure) || !voidToken(thrown)) throw thrown;
      throw new Failure(
        'refused',
        'This link no longer works: it was used, has expired, or a newer one was made. Ask for ' +
          'a new one.',
      );
    }
    setDone(true);
  };
  return (
    <Door title="Set a password">
      <Form onSubmit={submit} submit="Set password" label="Set a password">
        <NewPassword />
      </Form>
      <p class="door-links">
        <a href="/console/forgot">Ask for a new link</a>
      </p>
    </Door>
  );
}
