/** Moves an order on. Shipping needs the device in the parcel and a link to follow it. */
import { useState } from 'preact/hooks';
import { Failure } from '../../api/failure.ts';
import { mutate } from '../../api/graphql.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Choice, Field, Form, textOf, textOrNull } from '../../parts/form.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { Facts } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import { type Order, STATUSES, type Status } from './orders.ts';
import { StockField } from './stock-field.tsx';

interface MoveOnProps {
  order: Order;
  onClose(): void;
  onMoved(): void;
}

/** What each move means, where it cannot be taken back or has consequences. */
const NOTES: Partial<Record<Status, string>> = {
  CANCELLED: 'A cancelled order stays so. The company places a new one if it is needed after all.',
  RETURNED: 'The company keeps the device until you unassign it under Inventory.',
};

const ShippedFields = () => (
  <>
    <StockField />
    <Field
      name="trackingLink"
      label="Tracking link"
      inputMode="url"
      spellcheck={false}
      hint="Where the customer follows the parcel: https://…"
      required
    />
  </>
);

function inputOf(order: Order, to: Status, values: FormData): object {
  const orderId = order.orderId;
  if (to === 'CANCELLED' && textOf(values, 'typed') !== orderId.trim()) {
    throw new Failure('refused', '', { typed: 'This is something else. Type it as shown.' });
  }
  const parcel = {
    deviceId: textOrNull(values, 'deviceId'),
    trackingLink: textOrNull(values, 'trackingLink'),
  };
  return {
    ...{ intermediaryId: order.intermediary?.id, orderId, orderStatus: to },
    ...(to === 'SHIPPED' ? parcel : {}),
  };
}

export function MoveOn({ order, onClose, onMoved }: MoveOnProps) {
  const say = useNotice();
  const { next } = STATUSES[order.orderStatus];
  const [to, setTo] = useState<Status>(next[0] ?? order.orderStatus);
  const submit = async (values: FormData) => {
    await mutate('updateOrder', '', inputOf(order, to, values));
    say(`Order ${quoted(order.orderId)} is ${STATUSES[to].name.toLowerCase()}.`);
    onMoved();
    onClose();
  };
  return (
    <Dialog
      title={
        <>
          Move on <bdi>{order.orderId}</bdi>
        </>
      }
      onClose={onClose}
    >
      <Form
        onSubmit={submit}
        submit={to === 'CANCELLED' ? 'Cancel the order' : 'Move on'}
        submitting="Moving …"
        danger={to === 'CANCELLED'}
        buttons={
          <button type="button" onClick={onClose}>
            Close
          </button>
        }
      >
        <Facts
          facts={[
            ['Company', <bdi key="company">{order.intermediary?.name}</bdi>],
            ['Placed', <Time key="placed" at={order.createdAt} />],
            ['Now', STATUSES[order.orderStatus].name],
          ]}
        />
        <Choice
          name="orderStatus"
          label="New status"
          choices={next.map((one) => [one, STATUSES[one].name])}
          value={to}
          onChange={(value) => setTo(value as Status)}
        />
        {to === 'SHIPPED' && <ShippedFields />}
        {NOTES[to] && <p class="hint">{NOTES[to]}</p>}
        {to === 'CANCELLED' && (
          <Field
            name="typed"
            label="To confirm, type this:"
            hint={<bdi class="typed">{order.orderId}</bdi>}
          />
        )}
      </Form>
    </Dialog>
  );
}
