/** Signing in as a member: an address and a password, then a code if one is due. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Failure, failureOf, SENTENCES } from '../../api/failure.ts';
import { CodeField } from '../../parts/code-field.tsx';
import { Choice, Field, Form, textOf } from '../../parts/form.tsx';
import { PasswordField } from '../../parts/password-field.tsx';
import { signIn, useSession } from '../../session.tsx';

/** The companies that a refusal names: an address may be a member of several. */
const companiesIn = ({ fields }: Failure): string[] => fields.company_id?.match(/\d{6,}/g) ?? [];

function proofIn(values: FormData, isCodeDue: boolean) {
  const company = textOf(values, 'company_id');
  return {
    email: textOf(values, 'email'),
    password: String(values.get('password')),
    ...(company ? { company_id: Number(company) } : {}),
    ...(isCodeDue ? { code: textOf(values, 'code') } : {}),
  };
}

const Credentials = () => (
  <>
    <Field name="email" label="E-mail" type="email" autoComplete="username" required />
    <PasswordField />
  </>
);

interface MemberFormProps {
  /** The member must set up a second factor first. */
  onEnrol(email: string): void;
  /** What stands below, unless a code of the app is due: other ways in. */
  children?: ComponentChildren;
}

export function MemberForm({ onEnrol, children }: MemberFormProps) {
  const { refresh } = useSession();
  const [companies, setCompanies] = useState<string[]>([]);
  // Whose password was right: the code is all that is missing.
  const [due, setDue] = useState<{ email: string; byApp: boolean }>();
  const isCodeDue = due !== undefined;
  const submit = async (values: FormData) => {
    const proof = proofIn(values, isCodeDue);
    try {
      await signIn(proof);
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure.reason === 'enrol') return onEnrol(proof.email);
      const named = companiesIn(failure);
      if (named.length > 0) {
        setCompanies(named);
        throw new Failure('refused', 'You are a member of several companies. Choose one.');
      }
      const byApp = failure.reason !== 'passkey';
      const isDue = !byApp || (failure.fields.code !== undefined && !isCodeDue);
      if (isDue) return setDue({ email: proof.email, byApp });
      if (failure.fields.email) setDue(undefined);
      throw failure;
    }
    await refresh();
  };
  return (
    <>
      <Form onSubmit={submit} submit="Sign in" submitting="Signing in …" label="Sign in">
        {isCodeDue && (
          <p class="known">
            <bdi>{due.email}</bdi>
            <button type="button" class="as-link" onClick={() => setDue(undefined)}>
              Not you?
            </button>
          </p>
        )}
        {due?.byApp === false && <p class="soft">{SENTENCES.passkey}</p>}
        <div class="form" hidden={isCodeDue}>
          <Credentials />
          {companies.length > 0 && (
            <Choice
              name="company_id"
              label="Company"
              choices={companies.map((id) => [id, `Company ${id}`] as const)}
            />
          )}
        </div>
        {isCodeDue && <CodeField recovery={due.byApp || 'only'} focus />}
      </Form>
      {!due?.byApp && children}
    </>
  );
}
