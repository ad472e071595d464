/** Signing in with a passkey: the browser asks which, so no address is typed. */
import { useState } from 'preact/hooks';
import { failureOf } from '../../api/failure.ts';
import { answerByPasskey, hasPasskeys } from '../../api/passkeys.ts';
import { signIn, useSession } from '../../session.tsx';

export function PasskeySignIn() {
  const { refresh } = useSession();
  const [{ busy, said }, set] = useState({ busy: false, said: '' });
  if (!hasPasskeys()) return null;
  const enter = async () => {
    set({ busy: true, said: '' });
    try {
      await signIn({ passkey: await answerByPasskey('POST /console/session/challenge') });
      await refresh();
      set({ busy: false, said: '' });
    } catch (thrown) {
      const { fields, message } = failureOf(thrown);
      set({ busy: false, said: fields.passkey ?? message });
    }
  };
  return (
    <div class="passkey-door">
      {said && (
        <p class="warning" role="alert">
          {said}
        </p>
      )}
      <button type="button" disabled={busy} onClick={enter}>
        {busy ? 'Waiting for your passkey …' : 'Sign in with a passkey'}
      </button>
    </div>
  );
}
