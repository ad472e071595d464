/** Signing in: as a member, or as the operator. */
import { useState } from 'preact/hooks';
import { Failure, failureOf } from '../../api/failure.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Choice, Field, Form, textOf } from '../../parts/form.tsx';
import { signIn, useSession } from '../../session.tsx';
import { Door } from './door.tsx';

/** The companies that a refusal names: an address may be a member of several. */
const companiesIn = ({ fields }: Failure): string[] => fields.company_id?.match(/\d{6,}/g) ?? [];

function MemberForm() {
  const { refresh } = useSession();
  const [companies, setCompanies] = useState<string[]>([]);
  const submit = async (values: FormData) => {
    const company = textOf(values, 'company_id');
    try {
      await signIn({
        email: textOf(values, 'email'),
        password: String(values.get('password')),
        ...(company ? { company_id: Number(company) } : {}),
      });
    } catch (thrown) {
      const failure = failureOf(thrown);
      const named = companiesIn(failure);
      if (named.length === 0) throw failure;
      setCompanies(named);
      throw new Failure('refused', 'You are a member of several companies. Choose one.');
    }
    await refresh();
  };
  return (
    <Form onSubmit={submit} submit="Sign in" submitting="Signing in …" label="Sign in">
      <Field name="email" label="E-mail" type="email" autoComplete="username" required />
      <Field
        name="password"
        label="Password"
        type="password"
        autoComplete="current-password"
        required
      />
      {companies.length > 0 && (
        <Choice
          name="company_id"
          label="Company"
          choices={companies.map((id) => [id, `Company ${id}`] as const)}
        />
      )}
    </Form>
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

export const SignIn = () => (
  <Door title="Sign in">
    <MemberForm />
    <p class="door-links">
      <a href="/console/forgot">Forgot your password?</a>
    </p>
    <Operator />
  </Door>
);

/** Over the screen that somebody was on, which keeps what was entered there. */
export function SignInAgain() {
  const { leave, person } = useSession();
  return (
    <Dialog title="Your session has ended" onClose={leave} locked covers>
      <p class="prose">Sign in again to go on where you were. Your input is still here.</p>
      {person?.kind === 'operator' ? <OperatorForm /> : <MemberForm />}
      <p class="door-links">
        <button type="button" class="plain" onClick={leave}>
          Leave without saving
        </button>
      </p>
    </Dialog>
  );
}
