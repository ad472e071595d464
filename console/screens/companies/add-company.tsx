/** Adding a company: its name, then its first API key, which is shown once. */

import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { CompanyName } from '../../api/companies.ts';
import { mutate } from '../../api/graphql.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field, Form, textOf } from '../../parts/form.tsx';
import { SecretOnce } from '../../parts/secret.tsx';

interface Added {
  intermediary: CompanyName;
  secret: string;
}

interface AddCompanyProps {
  onClose(): void;
  onAdded(): void;
}

export function AddCompany({ onClose, onAdded }: AddCompanyProps) {
  const { route } = useLocation();
  const [added, setAdded] = useState<Added>();
  const submit = async (values: FormData) => {
    const made = await mutate<Added>('addIntermediary', 'intermediary { id name } secret', {
      name: textOf(values, 'name'),
    });
    onAdded();
    setAdded(made);
  };
  if (added) {
    const { id, name } = added.intermediary;
    const open = () => {
      onClose();
      route(`/console/companies/${id}`);
    };
    return (
      <Dialog
        title={
          <>
            <bdi>{name}</bdi> was added
          </>
        }
        onClose={onClose}
        locked
      >
        <SecretOnce label="API key" secret={added.secret} onDone={open}>
          <p>
            Give the company this key. With it, the company’s programs may do everything, such as
            add its first people. The company’s number is <strong>{id}</strong>.
          </p>
        </SecretOnce>
      </Dialog>
    );
  }
  return (
    <Dialog title="Add company" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Add company"
        submitting="Adding …"
        buttons={<Cancel onClose={onClose} />}
      >
        <Field name="name" label="Name" dir="auto" hint="Up to 100 characters." required />
      </Form>
    </Dialog>
  );
}
