/**
 * Setting up an authenticator app: the secret as a picture and in letters, then a first code. To
 * replace another one, a code of that as well.
 */
import { confirmTotp, type Enrolled, replaceTotp, type TotpSecret } from '../api/factors.ts';
import { Cancel } from './cancel.tsx';
import { CodeField } from './code-field.tsx';
import { Form, textOf } from './form.tsx';
import { QrCode } from './qr-code.tsx';
import { Copyable } from './secret.tsx';

const inFours = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? '';

interface TotpSetupProps {
  begun: TotpSecret;
  onDone(enrolled: Enrolled): void;
  onClose(): void;
}

export function TotpSetup({ begun, onDone, onClose }: TotpSetupProps) {
  const { secret, uri, replacement } = begun;
  const submit = async (values: FormData) => {
    const [code, newCode] = [textOf(values, 'code'), textOf(values, 'new_code')];
    if (replacement === undefined) return onDone(await confirmTotp(code));
    await replaceTotp({ replacement, code, new_code: newCode });
    onDone({ recovery_codes: null });
  };
  return (
    <Form
      onSubmit={submit}
      submit={replacement ? 'Replace' : 'Turn on'}
      submitting="Checking …"
      label={replacement ? 'Replace the authenticator app' : 'Set up an authenticator app'}
      buttons={<Cancel onClose={onClose} />}
    >
      <div class="scan">
        <QrCode text={uri} label="QR code: scan it with your authenticator app" />
        <ol class="steps">
          <li>Open {replacement ? 'the new' : 'your authenticator'} app and add an account.</li>
          <li>
            Scan the picture, or enter the secret below.{' '}
            <span class="touch-only">
              If the app is on this device, <a href={uri}>open it</a>.
            </span>
          </li>
          <li>Enter the code that the app shows.</li>
        </ol>
      </div>
      <div class="field secret">
        <span class="label">Secret</span>
        <Copyable label="Secret" text={inFours(secret)} copied={secret} />
      </div>
      {replacement ? (
        <>
          <CodeField
            name="new_code"
            label="Code of the new app"
            hint="The six digits that it shows now."
          />
          <CodeField label="Code of the old app" hint="It shows that it is you." recovery />
        </>
      ) : (
        <CodeField />
      )}
    </Form>
  );
}
