/** Signing in: as a member, or as the operator. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from '../../parts/dialog.tsx';
import { useFetched } from '../../parts/fetched.ts';
import { Field, Form, textOf } from '../../parts/form.tsx';
import { Skeleton } from '../../parts/list.tsx';
import { Problem } from '../../parts/problem.tsx';
import { noteSignIn, signIn, useSession } from '../../session.tsx';
import { Door } from './door.tsx';
import { MemberForm } from './member-form.tsx';
import { PasskeySignIn } from './passkey-sign-in.tsx';

const ENROLMENT = 'Set up a second factor';
const EXPIRED = 'Setting up took longer than ten minutes. Sign in again to go on with it.';

/** How far a member is: `account` has to set up a second factor, `said` is what went wrong. */
interface Step {
  account?: string;
  said?: string;
}

interface StepProps {
  step: Step;
  go(step: Step): void;
}

function Enrolment({ account, go }: { account: string; go(step: Step): void }) {
  const { refresh } = useSession();
  const { code, failure, retry } = useFetched('enrol', () => import('./enrol.tsx'));
  if (!code) {
    return failure ? <Problem failure={failure} onRetry={retry} /> : <Skeleton lines={3} />;
  }
  const done = () => {
    noteSignIn('member');
    refresh();
  };
  return (
    <code.Enrol
      account={account}
      onDone={done}
      onExpired={() => go({ said: EXPIRED })}
      onClose={() => go({})}
    />
  );
}

/** `children`: what stands below the form for an address and a password. */
function Member({ step, go, children }: StepProps & { children?: ComponentChildren }) {
  const { account, said } = step;
  if (account !== undefined) return <Enrolment account={account} go={go} />;
  return (
    <>
      {said && (
        <p class="warning" role="alert">
          {said}
        </p>
      )}
      <MemberForm onEnrol={(email) => go({ account: email })}>{children}</MemberForm>
    </>
  );
}

function OperatorForm() {
  const { refresh } = useSession();
  const submit = async (values: FormData) => {
    await signIn({ operatorKey: textOf(values, 'operatorKey') });
    await refresh();
  };
  return (
    <Form
      onSubmit={submit}
      submit="Sign in as operator"
      submitting="Signing in …"
      label="Sign in as operator"
    >
      <Field
        name="operatorKey"
        label="Operator key"
        type="password"
        hint="The session lasts 12 hours."
        required
      />
    </Form>
  );
}

const Operator = () => (
  <details class="operator">
    <summary>Sign in as operator</summary>
    <OperatorForm />
  </details>
);

export function SignIn() {
  const [step, go] = useState<Step>({});
  return (
    <Door title={step.account === undefined ? 'Sign in' : ENROLMENT}>
      <Member step={step} go={go}>
        <PasskeySignIn />
        <p class="door-links">
          <a href="/console/forgot">Forgot your password?</a>
        </p>
        <Operator />
      </Member>
    </Door>
  );
}

/** Over the screen that somebody was on, which keeps what was entered there. */
export function SignInAgain() {
  const { leave, person } = useSession();
  const [step, go] = useState<Step>({});
  const isEnrolling = step.account !== undefined;
  return (
    <Dialog
      title={isEnrolling ? ENROLMENT : 'Your session has ended'}
      onClose={leave}
      locked
      covers
    >
      {!isEnrolling && (
        <p class="prose">Sign in again to go on where you were. Your input is still here.</p>
      )}
      {person?.kind === 'operator' ? (
        <OperatorForm />
      ) : (
        <Member step={step} go={go}>
          <PasskeySignIn />
        </Member>
      )}
      {!isEnrolling && (
        <p class="door-links">
          <button type="button" class="plain" onClick={leave}>
            Leave without saving
          </button>
        </p>
      )}
    </Dialog>
  );
}
