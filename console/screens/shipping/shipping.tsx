/** The orders of all companies, for whoever ships them. */
import { useState } from 'preact/hooks';
import { readCompany } from '../../api/companies.ts';
import { Badge } from '../../parts/badge.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, List } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { usePages } from '../../parts/pages.ts';
import { Time } from '../../parts/time.tsx';
import { safeLink, useQuery } from '../../parts/url.ts';
import { MoveOn } from './move-on.tsx';
import { type Filter, isStatus, type Order, readOrders, STATUSES } from './orders.ts';
import { StatusTabs } from './status-tabs.tsx';

const StatusBadge = ({ order: { orderStatus } }: { order: Order }) => (
  <Badge tone={STATUSES[orderStatus].tone}>{STATUSES[orderStatus].name}</Badge>
);

/** A link that is not https, or that no browser opens, is shown as text. */
function Parcel({ order: { deviceId, trackingLink } }: { order: Order }) {
  if (deviceId === null) return <span class="faint">–</span>;
  const link = safeLink(trackingLink);
  return (
    <span class="entry">
      <code>{deviceId}</code>
      {link ? (
        <small>
          <a href={link} target="_blank" rel="noreferrer noopener">
            Follow the parcel
          </a>
        </small>
      ) : (
        <small>
          <bdi>{trackingLink}</bdi>
        </small>
      )}
    </span>
  );
}

const columnsOf = (move: (order: Order) => void): Column<Order>[] => [
  {
    name: 'Order',
    cell: (order) => (
      <span class="entry">
        <strong>
          <bdi>{order.orderId}</bdi>
        </strong>
        <small class="phone-only">
          <bdi>{order.intermediary?.name}</bdi>, <Time at={order.createdAt} near />
        </small>
        <small class="phone-only">
          <StatusBadge order={order} />
        </small>
        {order.deviceId !== null && (
          <div class="phone-only">
            <Parcel order={order} />
          </div>
        )}
      </span>
    ),
  },
  {
    ...{ name: 'Company', wide: true },
    cell: ({ intermediary }) =>
      intermediary && (
        <a href={`/console/companies/${intermediary.id}`}>
          <bdi>{intermediary.name}</bdi>
        </a>
      ),
  },
  { name: 'Placed', wide: true, cell: ({ createdAt }) => <Time at={createdAt} near /> },
  { name: 'Device', wide: true, cell: (order) => <Parcel order={order} /> },
  { name: 'Status', wide: true, cell: (order) => <StatusBadge order={order} /> },
  {
    ...{ name: 'Actions', end: true, quiet: true },
    cell: (order) =>
      STATUSES[order.orderStatus].next.length > 0 && (
        <button
          type="button"
          class="small"
          aria-label={`Move on ${order.orderId}`}
          onClick={() => move(order)}
        >
          Move on
        </button>
      ),
  },
];

/** Says whose orders are shown, where it is one company's. */
function OnlyOf({ companyId, onClear }: { companyId: string; onClear(): void }) {
  const { value } = useLoad(companyId, (signal) => readCompany(companyId, signal));
  return (
    <div class="chosen">
      <p>
        Only orders of <bdi>{value?.name ?? `company ${companyId}`}</bdi>
      </p>
      <button type="button" class="small" onClick={onClear}>
        Show all companies
      </button>
    </div>
  );
}

const noneOf = ({ status, companyId }: Filter) => (
  <Empty
    title={status ? `No order is ${STATUSES[status].name.toLowerCase()}.` : 'There is no order.'}
  >
    <p>
      {status === 'PLACED'
        ? 'Nothing waits for you here. Companies place orders for their customers.'
        : `Look at another status${companyId ? ', or at all companies' : ''}.`}
    </p>
  </Empty>
);

export function Screen() {
  const [{ status = 'PLACED', company = '' }, change] = useQuery();
  const [moved, move] = useState<Order>();
  const filter: Filter = { status: isStatus(status) ? status : null, companyId: company || null };
  const orders = usePages(`${status} ${company}`, (after, signal) =>
    readOrders(filter, after, signal),
  );
  return (
    <Page title="Shipping" about="The orders of all companies. Those that wait longest come first.">
      <StatusTabs current={filter.status} companyId={company} />
      {company && <OnlyOf companyId={company} onClear={() => change({ company: '' })} />}
      <List
        caption="Orders"
        columns={columnsOf(move)}
        pages={orders}
        keyOf={({ id }) => id}
        empty={noneOf(filter)}
      />
      {moved && <MoveOn order={moved} onClose={() => move(undefined)} onMoved={orders.reload} />}
    </Page>
  );
}
