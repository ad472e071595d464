/** What can be done with a customer: view as, another ID, suspend, unsuspend, remove. */
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { identifierOf } from '../../api/access.ts';
import { mutate } from '../../api/graphql.ts';
import { Act } from '../../parts/act.tsx';
import { Cancel } from '../../parts/cancel.tsx';
import { customerLink } from '../../parts/customer-name.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { Field, Form, textOf } from '../../parts/form.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';
import type { CustomerProps } from './customer.tsx';
import { ViewAs } from './view-as.tsx';

export interface AskProps extends CustomerProps {
  onClose(): void;
}

function ChangeId({ customer: { externalId }, onClose }: AskProps) {
  const say = useNotice();
  const { route } = useLocation();
  const submit = async (values: FormData) => {
    const newExternalId = textOf(values, 'newExternalId');
    await mutate('updateUser', '', { userIdentifier: identifierOf(externalId), newExternalId });
    say(`The customer’s ID is now ${quoted(newExternalId)}.`);
    route(customerLink(newExternalId), true);
  };
  return (
    <Dialog title="Change ID" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Change ID"
        submitting="Changing …"
        buttons={<Cancel onClose={onClose} />}
      >
        <p class="soft">
          Devices, sessions and orders stay. Programs that know the old ID do not find the customer
          any more.
        </p>
        <Field
          name="newExternalId"
          label="New customer ID"
          dir="auto"
          spellcheck={false}
          defaultValue={externalId}
          required
        />
      </Form>
    </Dialog>
  );
}

function Suspend({ customer: { externalId }, onChange, onClose }: AskProps) {
  const say = useNotice();
  const suspend = async () => {
    await mutate('updateUser', '', { userIdentifier: identifierOf(externalId), suspended: true });
    say(`${quoted(externalId)} is suspended.`);
    onChange();
  };
  return (
    <Confirm
      title={
        <>
          Suspend <bdi>{externalId}</bdi>?
        </>
      }
      action="Suspend"
      onConfirm={suspend}
      onClose={onClose}
    >
      <p>
        All sessions end at once, and the app shows nothing. Devices and permissions are kept:
        “Unsuspend” brings everything back, and the customer signs in again.
      </p>
    </Confirm>
  );
}

function Remove({ customer: { externalId }, onClose }: AskProps) {
  const say = useNotice();
  const { route } = useLocation();
  const remove = async () => {
    await mutate('removeUser', '', { userIdentifier: identifierOf(externalId) });
    say(`${quoted(externalId)} is removed.`);
    route('/console/customers', true);
  };
  return (
    <Confirm
      title={
        <>
          Remove <bdi>{externalId}</bdi>?
        </>
      }
      action="Remove"
      typed={externalId}
      onConfirm={remove}
      onClose={onClose}
    >
      <p>
        All sessions and permissions end, and what identifies this person is erased. Orders stay,
        without the person. This cannot be undone.
      </p>
    </Confirm>
  );
}

const DIALOGS = { view: ViewAs, id: ChangeId, suspend: Suspend, remove: Remove };

export function CustomerActions(props: CustomerProps) {
  const { externalId, suspended } = props.customer;
  const [asked, ask] = useState<keyof typeof DIALOGS>();
  const Asked = asked && DIALOGS[asked];
  const unsuspend = async () => {
    const userIdentifier = identifierOf(externalId);
    await mutate('updateUser', '', { userIdentifier, suspended: false });
    props.onChange();
    return `${quoted(externalId)} is active again, and can sign in.`;
  };
  return (
    <>
      {!suspended && (
        <button type="button" onClick={() => ask('view')}>
          View as
        </button>
      )}
      <button type="button" onClick={() => ask('id')}>
        Change ID
      </button>
      {suspended ? (
        <Act onAct={unsuspend}>Unsuspend</Act>
      ) : (
        <button type="button" onClick={() => ask('suspend')}>
          Suspend
        </button>
      )}
      <button type="button" class="warns" onClick={() => ask('remove')}>
        Remove
      </button>
      {Asked && <Asked {...props} onClose={() => ask(undefined)} />}
    </>
  );
}
