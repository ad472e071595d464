/** Asks "Confirm that it is you" over whatever is open, which keeps what was entered there. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { readFactors } from '../api/factors.ts';
import { answerByPasskey, hasPasskeys } from '../api/passkeys.ts';
import { askBy, prove } from '../api/proof.ts';
import { type Person, usePerson } from '../session.tsx';
import { Act } from './act.tsx';
import { Cancel } from './cancel.tsx';
import { CodeField } from './code-field.tsx';
import { Dialog } from './dialog.tsx';
import { Field, Form, textOf } from './form.tsx';
import { PasswordField } from './password-field.tsx';

/** The focus goes back to where it was. A button that is busy cannot have it until it is not. */
function giveBack(element: Element | null): void {
  if (!(element instanceof HTMLElement)) return;
  if (!element.matches(':disabled')) {
    element.focus();
    return;
  }
  new MutationObserver((_, observer) => {
    if (element.matches(':disabled')) return;
    observer.disconnect();
    if (document.activeElement === document.body) element.focus();
  }).observe(element, { attributeFilter: ['disabled'] });
}

const Password = ({ email }: { email: string }) => (
  <>
    {/* Programs that keep passwords look for whose it is. */}
    <input type="text" autoComplete="username" value={email} readOnly hidden />
    <PasswordField />
  </>
);

const OperatorKey = () => (
  <Field name="operatorKey" label="Operator key" type="password" required />
);

function proofOf({ kind }: Person, values: FormData) {
  if (kind === 'operator') return { operatorKey: textOf(values, 'operatorKey') };
  if (values.has('code')) return { code: textOf(values, 'code') };
  return { password: String(values.get('password')) };
}

/** What the person has besides the password. */
const NONE = { app: false, passkey: false };

/** None until it is known. */
function useOwn({ kind }: Person, isAsked: boolean): typeof NONE {
  const [own, tell] = useState(NONE);
  useEffect(() => {
    if (!isAsked || kind === 'operator') return;
    readFactors().then(
      ({ totp, passkeys, fits_passkeys }) =>
        tell({ app: totp !== null, passkey: fits_passkeys && passkeys.length > 0 }),
      // The password is asked for then.
      () => tell(NONE),
    );
  }, [isAsked]);
  return own;
}

interface Question {
  before: Element | null;
  answer(isProved: boolean): void;
}

export function ConfirmSelf() {
  const person = usePerson();
  const [question, put] = useState<Question | null>(null);
  useEffect(() => askBy((before) => new Promise((answer) => put({ before, answer }))), []);
  const own = useOwn(person, question !== null);
  const [byCode, choose] = useState(false);
  const [said, tell] = useState('');
  const fields = useRef<HTMLDivElement>(null);
  // After the dialog, which gives the focus to the button that closes it.
  useEffect(
    () => fields.current?.querySelector<HTMLElement>('.field input')?.focus(),
    [question, byCode],
  );
  if (!question) return null;
  const end = (isProved: boolean) => {
    put(null);
    choose(false);
    tell('');
    question.answer(isProved);
    // Once the dialog is gone: what lies behind it has no focus until then.
    setTimeout(giveBack, 0, question.before);
  };
  const submit = async (values: FormData) => {
    await prove(proofOf(person, values));
    end(true);
  };
  const byPasskey = async () => {
    await prove({ passkey: await answerByPasskey('POST /console/session/proof/challenge') });
    end(true);
    return undefined;
  };
  const cancel = () => end(false);
  const buttons = (
    <>
      {own.passkey && hasPasskeys() && (
        <Act onAct={byPasskey} onFailure={tell} acting="Waiting for your passkey …">
          Use a passkey
        </Act>
      )}
      {own.app && (
        <button type="button" onClick={() => choose(!byCode)}>
          {byCode ? 'Use the password' : 'Use a code'}
        </button>
      )}
      <Cancel onClose={cancel} />
    </>
  );
  return (
    <Dialog title="Confirm that it is you" onClose={cancel}>
      <Form onSubmit={submit} submit="Confirm" buttons={buttons}>
        {said && (
          <p class="warning" role="alert">
            {said}
          </p>
        )}
        <p class="prose">
          This is asked before important changes, at most once in 15 minutes. What you entered is
          still there.
        </p>
        <div ref={fields}>
          {person.kind === 'operator' && <OperatorKey />}
          {person.kind === 'member' &&
            (byCode ? <CodeField recovery /> : <Password email={person.user.email ?? ''} />)}
        </div>
      </Form>
    </Dialog>
  );
}
