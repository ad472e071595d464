/** Orders in a table, with "Cancel" where it is still possible. */
import { useState } from 'preact/hooks';
import type { Order, OrderStatus } from '../api/access.ts';
import { mutate } from '../api/graphql.ts';
import { Badge, type Tone } from './badge.tsx';
import { CustomerName } from './customer-name.tsx';
import { Confirm } from './dialog.tsx';
import type { Column } from './list.tsx';
import { quoted, useNotice } from './notices.tsx';
import { Time } from './time.tsx';
import { safeLink } from './url.ts';

export const STATUS_WORDS = {
  PLACED: 'Placed',
  PROCESSING: 'Being made ready',
  SHIPPED: 'On its way',
  DELIVERED: 'Delivered',
  CANCELLED: 'Cancelled',
  RETURNED: 'Sent back',
} as const satisfies Record<OrderStatus, string>;

const TONES: Record<OrderStatus, Tone> = {
  PLACED: 'warn',
  PROCESSING: 'warn',
  SHIPPED: 'good',
  DELIVERED: 'good',
  CANCELLED: 'plain',
  RETURNED: 'plain',
};

export const OrderBadge = ({ status }: { status: OrderStatus }) => (
  <Badge tone={TONES[status]}>{STATUS_WORDS[status]}</Badge>
);

function CancelOrder({ orderId, onChange }: { orderId: string; onChange(): void }) {
  const [isAsking, ask] = useState(false);
  const say = useNotice();
  const cancel = async () => {
    await mutate('cancelOrder', '', { orderId });
    say(`Order ${quoted(orderId)} is cancelled.`);
    onChange();
  };
  return (
    <>
      <button
        type="button"
        class="small warns"
        aria-label={`Cancel order ${quoted(orderId)}`}
        onClick={() => ask(true)}
      >
        Cancel
      </button>
      {isAsking && (
        <Confirm
          title={
            <>
              Cancel order <bdi>{orderId}</bdi>?
            </>
          }
          action="Cancel order"
          keep="Keep order"
          onConfirm={cancel}
          onClose={() => ask(false)}
        >
          <p>
            No device will be sent. A cancelled order cannot be taken up again: place a new one.
          </p>
        </Confirm>
      )}
    </>
  );
}

/** The parcel. Only `https` links are links. */
function Parcel({ deviceId, trackingLink }: Order) {
  const link = safeLink(trackingLink);
  return (
    <span class="entry">
      {deviceId ? (
        <a href={`/console/devices/${deviceId}`}>{deviceId}</a>
      ) : (
        <span class="faint">Not yet</span>
      )}
      {link && (
        <small>
          <a href={link} target="_blank" rel="noreferrer">
            Track parcel
          </a>
        </small>
      )}
      {trackingLink && !link && (
        <small>
          <bdi>{trackingLink}</bdi>
        </small>
      )}
    </span>
  );
}

const canCancel = ({ orderStatus }: Order) =>
  orderStatus === 'PLACED' || orderStatus === 'PROCESSING';

interface OrderColumns {
  onChange(): void;
  /** Whether to say whose each order is. */
  named?: boolean;
}

export const orderColumns = ({ onChange, named = false }: OrderColumns): Column<Order>[] => [
  {
    name: 'Order',
    cell: (order) => (
      <span class="entry">
        <strong>
          <bdi class="long">{order.orderId}</bdi>
        </strong>
        {named && (
          <small class="phone-only">
            <CustomerName user={order.user} />
          </small>
        )}
        <small>
          Placed <Time at={order.createdAt} near />
        </small>
        {order.deviceId && (
          <small class="phone-only">
            Device <a href={`/console/devices/${order.deviceId}`}>{order.deviceId}</a>
          </small>
        )}
      </span>
    ),
  },
  ...(named
    ? [{ name: 'Customer', wide: true, cell: ({ user }: Order) => <CustomerName user={user} /> }]
    : []),
  { name: 'Status', cell: ({ orderStatus }) => <OrderBadge status={orderStatus} /> },
  { name: 'Device', wide: true, cell: (order) => <Parcel {...order} /> },
  {
    name: 'Moved',
    wide: true,
    cell: ({ updatedAt }) => <Time at={updatedAt} near />,
  },
  {
    ...{ name: 'Actions', end: true, quiet: true },
    cell: (order) =>
      canCancel(order) && <CancelOrder orderId={order.orderId} onChange={onChange} />,
  },
];
