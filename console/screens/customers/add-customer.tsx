/** Adding a customer by the company's own id. */
import { useLocation } from 'preact-iso/router';
import { identifierOf } from '../../api/access.ts';
import { mutate } from '../../api/graphql.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { customerLink } from '../../parts/customer-name.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field, Form, textOf } from '../../parts/form.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';

export function AddCustomer({ onClose }: { onClose(): void }) {
  const say = useNotice();
  const { route } = useLocation();
  const submit = async (values: FormData) => {
    const externalId = textOf(values, 'externalId');
    await mutate('addUser', '', { userIdentifier: identifierOf(externalId) });
    say(`Customer ${quoted(externalId)} is there.`);
    route(customerLink(externalId));
  };
  return (
    <Dialog title="Add customer" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Add customer"
        submitting="Adding …"
        buttons={<Cancel onClose={onClose} />}
      >
        <Field
          name="externalId"
          label="Customer ID"
          dir="auto"
          spellcheck={false}
          required
          hint={
            'Your own ID for the customer, as in your customer system. Avoid names and e-mail ' +
            'addresses.'
          }
        />
      </Form>
    </Dialog>
  );
}
