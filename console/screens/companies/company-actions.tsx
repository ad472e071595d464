/** What can be done with a company: rename, remove. */

import { useState } from 'preact/hooks';
import type { Company } from '../../api/companies.ts';
import { mutate } from '../../api/graphql.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { Field, Form, textOf } from '../../parts/form.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';

interface ActionProps {
  company: Company;
  onChange(): void;
}

interface DialogProps extends ActionProps {
  onClose(): void;
}

function Rename({ company, onChange, onClose }: DialogProps) {
  const say = useNotice();
  const submit = async (values: FormData) => {
    const name = textOf(values, 'name');
    await mutate('updateIntermediary', '', { id: company.id, name });
    say(`The company is called ${quoted(name)} now.`);
    onChange();
    onClose();
  };
  return (
    <Dialog title="Rename company" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Rename"
        submitting="Saving …"
        buttons={<Cancel onClose={onClose} />}
      >
        <Field name="name" label="Name" defaultValue={company.name} dir="auto" required />
      </Form>
    </Dialog>
  );
}

function Remove({ company, onChange, onClose }: DialogProps) {
  const say = useNotice();
  const remove = async () => {
    await mutate('removeIntermediary', '', { id: company.id });
    say(`${quoted(company.name)} is removed.`);
    onChange();
  };
  return (
    <Confirm
      title={
        <>
          Remove <bdi>{company.name}</bdi>?
        </>
      }
      action="Remove company"
      typed={company.name}
      onConfirm={remove}
      onClose={onClose}
    >
      <p>
        Its API keys and all sessions of its people and customers end at once. Its people and
        customers are erased. Its devices go back into stock. This cannot be undone.
      </p>
      <p>Its orders and its activity stay.</p>
    </Confirm>
  );
}

const DIALOGS = { rename: Rename, remove: Remove };

export function CompanyActions(props: ActionProps) {
  const [asked, ask] = useState<keyof typeof DIALOGS>();
  const Asked = asked && DIALOGS[asked];
  return (
    <>
      <button type="button" onClick={() => ask('rename')}>
        Rename
      </button>
      <button type="button" class="warns" onClick={() => ask('remove')}>
        Remove
      </button>
      {Asked && <Asked {...props} onClose={() => ask(undefined)} />}
    </>
  );
}
