/** The authenticator app of a member, and the recovery codes. */
import { useState } from 'preact/hooks';
import {
  beginTotp,
  type Enrolled,
  type Factors,
  hasFactor,
  removeTotp,
  renewRecoveryCodes,
  type TotpSecret,
} from '../../api/factors.ts';
import { CodeField } from '../../parts/code-field.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { textOf } from '../../parts/form.tsx';
import { useNotice } from '../../parts/notices.tsx';
import { Section } from '../../parts/page.tsx';
import { RecoveryCodes } from '../../parts/recovery-codes.tsx';
import { TotpSetup } from '../../parts/totp-setup.tsx';
import { AppRow, RecoveryRow } from './factor-rows.tsx';
import type { FactorProps } from './factors.tsx';

const codeIn = (values: FormData): string => textOf(values, 'code');

const isLast = ({ passkeys }: Factors) => passkeys.length === 0;

interface DialogProps extends FactorProps {
  /** Shows recovery codes once. */
  onCodes(codes: string[]): void;
  onClose(): void;
}

function Remove({ factors, onChange, onClose }: DialogProps) {
  const say = useNotice();
  const remove = async (values: FormData) => {
    await removeTotp(codeIn(values));
    say('The authenticator app is removed.');
    onChange();
  };
  return (
    <Confirm
      title="Remove the authenticator app?"
      action="Remove"
      onConfirm={remove}
      onClose={onClose}
    >
      {isLast(factors) ? (
        <p>Your password alone signs you in then, and your recovery codes no longer work.</p>
      ) : (
        <p>Your passkeys and recovery codes go on working.</p>
      )}
      <CodeField recovery focus />
    </Confirm>
  );
}

function Renew({ factors, onChange, onCodes, onClose }: DialogProps) {
  const renew = async (values: FormData) => {
    const { recovery_codes } = await renewRecoveryCodes(codeIn(values));
    onCodes(recovery_codes);
    onChange();
  };
  return (
    <Confirm
      title="Make new recovery codes?"
      action="Make new recovery codes"
      onConfirm={renew}
      onClose={onClose}
    >
      <p>You get ten new ones. The old ones no longer work.</p>
      <CodeField recovery={factors.totp ? true : 'only'} focus />
    </Confirm>
  );
}

const DIALOGS = { remove: Remove, renew: Renew };

/** What is open over the section. */
interface Open {
  asked?: keyof typeof DIALOGS;
  begun?: TotpSecret;
  codes?: string[];
}

export function SecondFactor(props: FactorProps) {
  const { factors, account, onChange } = props;
  const [{ asked, begun, codes }, open] = useState<Open>({});
  const say = useNotice();
  const close = () => open({});
  const Asked = asked && DIALOGS[asked];
  const begin = async () => {
    open({ begun: await beginTotp() });
    return undefined;
  };
  const done = ({ recovery_codes }: Enrolled) => {
    say(
      begun?.replacement
        ? 'Your new authenticator app is set up. The old one no longer works.'
        : 'Your authenticator app is set up.',
    );
    onChange();
    open(recovery_codes ? { codes: recovery_codes } : {});
  };
  return (
    <Section title="Second factor" about="With one, your password alone signs nobody in.">
      <ul class="factors">
        <AppRow
          since={factors.totp?.created_at}
          isNeeded={factors.required && isLast(factors)}
          onBegin={begin}
          onRemove={() => open({ asked: 'remove' })}
        />
        {hasFactor(factors) && (
          <RecoveryRow
            left={factors.recovery_codes_left}
            onRenew={() => open({ asked: 'renew' })}
          />
        )}
      </ul>
      {begun && (
        <Dialog
          title={
            begun.replacement ? 'Replace the authenticator app' : 'Set up an authenticator app'
          }
          onClose={close}
        >
          <TotpSetup begun={begun} onDone={done} onClose={close} />
        </Dialog>
      )}
      {codes && (
        <Dialog title="Your recovery codes" onClose={close} locked>
          <RecoveryCodes codes={codes} account={account} onKept={close} />
        </Dialog>
      )}
      {Asked && (
        <Asked
          {...props}
          onCodes={(codes) => open({ codes })}
          onClose={() => open(({ codes }) => (codes ? { codes } : {}))}
        />
      )}
    </Section>
  );
}
