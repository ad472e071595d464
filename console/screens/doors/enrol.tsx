/** Setting up a second factor before anything else: the company requires one. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { beginTotp, type Enrolled, type TotpSecret } from '../../api/factors.ts';
import { addPasskey, hasPasskeys } from '../../api/passkeys.ts';
import { sessionEvents } from '../../api/request.ts';
import { Act } from '../../parts/act.tsx';
import { RecoveryCodes } from '../../parts/recovery-codes.tsx';
import { thisDevice } from '../../parts/this-device.ts';
import { TotpSetup } from '../../parts/totp-setup.tsx';

export interface EnrolProps {
  /** The member's e-mail address. */
  account: string;
  /** The member is signed in. */
  onDone(): void;
  /** It took longer than the answer to the password allows. */
  onExpired(): void;
  onClose(): void;
}

/** How far it is: an app that has shown no code yet, or codes to keep. */
interface Step {
  begun?: TotpSecret;
  codes?: string[];
}

/** Gets the focus as it comes: the button that led to it is gone. */
function Focused({ children }: { children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} class="step" tabIndex={-1}>
      {children}
    </div>
  );
}

export function Enrol({ account, onDone, onExpired, onClose }: EnrolProps) {
  const [{ begun, codes }, go] = useState<Step>({});
  const [said, tell] = useState('');
  useEffect(() => {
    sessionEvents.addEventListener('signedOut', onExpired);
    return () => sessionEvents.removeEventListener('signedOut', onExpired);
  }, []);
  const begin = async () => {
    go({ begun: await beginTotp() });
    return undefined;
  };
  const enrolled = ({ recovery_codes }: Enrolled) =>
    recovery_codes ? go({ codes: recovery_codes }) : onDone();
  const addFirst = async () => {
    enrolled(await addPasskey(thisDevice()));
    return undefined;
  };
  if (codes) {
    return (
      <Focused key="codes">
        <RecoveryCodes codes={codes} account={account} onKept={onDone} />
      </Focused>
    );
  }
  if (begun) {
    return (
      <Focused key="begun">
        <TotpSetup begun={begun} onDone={enrolled} onClose={() => go({})} />
      </Focused>
    );
  }
  return (
    <Focused key="choice">
      {said && (
        <p class="warning" role="alert">
          {said}
        </p>
      )}
      <div class="prose">
        <p>
          Your company requires one: then nobody signs in as <bdi>{account}</bdi> with your password
          alone. You do this once, within ten minutes.
        </p>
        <p>
          A passkey of this device or a security key will do, or an app that shows codes, such as
          the one that keeps your passwords.
        </p>
      </div>
      <div class="form-buttons">
        <Act onAct={begin} onFailure={tell} acting="Preparing …" primary>
          Set up an authenticator app
        </Act>
        {hasPasskeys() && (
          <Act onAct={addFirst} onFailure={tell} acting="Waiting for your passkey …">
            Add a passkey
          </Act>
        )}
        <button type="button" class="plain" onClick={onClose}>
          Sign in as somebody else
        </button>
      </div>
    </Focused>
  );
}
