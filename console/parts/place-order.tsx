/** Ordering a device for a customer. */
import { identifierOf } from '../api/access.ts';
import { atFields } from '../api/fields.ts';
import { mutate } from '../api/graphql.ts';
import { Cancel } from './cancel.tsx';
import { Dialog } from './dialog.tsx';
import { Field, Form, textOf } from './form.tsx';
import { quoted, useNotice } from './notices.tsx';

interface PlaceOrderProps {
  /** For whom. Left out: the form asks. */
  externalId?: string;
  onPlaced(): void;
  onClose(): void;
}

export function PlaceOrder({ externalId, onPlaced, onClose }: PlaceOrderProps) {
  const say = useNotice();
  const submit = async (values: FormData) => {
    const orderId = textOf(values, 'orderId');
    const input = {
      userIdentifier: identifierOf(externalId ?? textOf(values, 'externalId')),
      ...(orderId ? { orderId } : {}),
    };
    const { order } = await atFields({ userIdentifier: 'externalId' }, () =>
      mutate<{ order: { orderId: string } }>('addOrder', 'order { orderId }', input),
    );
    say(`Order ${quoted(order.orderId)} is placed.`);
    onPlaced();
    onClose();
  };
  return (
    <Dialog title="Place order" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Place order"
        submitting="Placing …"
        buttons={<Cancel onClose={onClose} />}
      >
        {externalId === undefined ? (
          <Field
            name="externalId"
            label="Customer ID"
            dir="auto"
            spellcheck={false}
            required
            hint="Whom the device is for. The customer must exist already."
          />
        ) : (
          <p class="soft">
            One device is sent to <bdi class="typed">{externalId}</bdi>.
          </p>
        )}
        <Field
          name="orderId"
          label="Order ID"
          dir="auto"
          spellcheck={false}
          hint="Your own ID for the order. Leave it empty, and one is chosen."
        />
      </Form>
    </Dialog>
  );
}
