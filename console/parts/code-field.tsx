/** The field for a code of an authenticator app, or for a recovery code in its place. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Field } from './form.tsx';

const APP = {
  label: 'Code',
  hint: 'The six digits in your authenticator app.',
  inputMode: 'numeric',
  autoComplete: 'one-time-code',
  other: 'Use a recovery code',
} as const;

const RECOVERY = {
  label: 'Recovery code',
  hint: 'One of the ten that you kept. It works once.',
  inputMode: 'text',
  autoComplete: 'off',
  other: 'Use the authenticator app',
} as const;

interface CodeFieldProps {
  /** Its name in the form. */
  name?: string;
  /** What it and its hint say instead, of the app. */
  label?: string;
  hint?: string;
  /** Whether a recovery code will do. `only`: there is no app. */
  recovery?: boolean | 'only';
  /** Whether it takes the focus as it comes. */
  focus?: boolean;
}

const wordsOf = ({ label = APP.label, hint = APP.hint }: CodeFieldProps) => ({ label, hint });

export function CodeField(props: CodeFieldProps) {
  const { recovery = false, focus = false, name = 'code' } = props;
  const isOnly = recovery === 'only';
  const [kind, choose] = useState<typeof APP | typeof RECOVERY>(isOnly ? RECOVERY : APP);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!focus && kind !== RECOVERY) return;
    // Once a dialog around it is open, which gives the focus to its first button.
    queueMicrotask(() => box.current?.querySelector('input')?.focus());
  }, [kind]);
  const { other, ...input } = kind === APP ? { ...APP, ...wordsOf(props) } : kind;
  return (
    <div class="code-field" ref={box}>
      <Field key={kind.label} name={name} {...input} maxLength={40} spellcheck={false} required />
      {recovery && !isOnly && (
        <button type="button" class="as-link" onClick={() => choose(kind === APP ? RECOVERY : APP)}>
          {other}
        </button>
      )}
    </div>
  );
}
