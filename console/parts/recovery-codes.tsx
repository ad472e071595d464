/** Recovery codes, which are shown this once: to copy, to download and to print. */

import { saveFile } from './save-file.ts';
import { useCopy } from './secret.tsx';

interface RecoveryCodesProps {
  codes: readonly string[];
  /** Whose they are: the e-mail address. */
  account: string;
  onKept(): void;
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });

/** For the body of a locked dialog or of a door: it is left by its button alone. */
export function RecoveryCodes({ codes, account, onKept }: RecoveryCodesProps) {
  const [copied, copy] = useCopy(codes.join('\n'));
  const title = `Recovery codes for ${account} at ${location.host}`;
  const made = `Made on ${DAY.format(new Date())}. Each works once.`;
  const download = () => {
    const lines = [title, made, '', ...codes].map((line) => `${line}\n`);
    saveFile('latchkey-recovery-codes.txt', 'text/plain', lines);
  };
  return (
    <>
      <p class="prose">
        These are your recovery codes. With one of them you sign in without your phone or passkey.
        Each works once. Keep them where you keep your passwords, not on the phone itself.
      </p>
      <div class="printed">
        <p class="print-only">{title}</p>
        <p class="print-only">{made}</p>
        <ol class="codes" aria-label="Recovery codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ol>
      </div>
      <div class="keep">
        <button type="button" class="small" onClick={copy}>
          Copy
        </button>
        <button type="button" class="small" onClick={download}>
          Download
        </button>
        <button type="button" class="small" onClick={() => print()}>
          Print
        </button>
        <span class="said" role="status">
          {copied}
        </span>
      </div>
      <p class="warning">They are shown this once. Nobody can see them again.</p>
      <div class="form-buttons">
        <button type="button" class="primary" onClick={onKept}>
          I have kept them
        </button>
      </div>
    </>
  );
}
