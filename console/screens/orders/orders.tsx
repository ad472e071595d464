/** The orders of all customers, by how far they are. */
import { useState } from 'preact/hooks';
import { NAMED, ORDER, type Order, type OrderStatus } from '../../api/access.ts';
import { graphql } from '../../api/graphql.ts';
import { Empty } from '../../parts/empty.tsx';
import { Choice } from '../../parts/form.tsx';
import { List } from '../../parts/list.tsx';
import { orderColumns, STATUS_WORDS } from '../../parts/orders.tsx';
import { Page } from '../../parts/page.tsx';
import { type Connection, cursorPage, PAGE_INFO, PAGE_SIZE, usePages } from '../../parts/pages.ts';
import { PlaceOrder } from '../../parts/place-order.tsx';
import { useQuery } from '../../parts/url.ts';

const STATUSES: [OrderStatus | '', string][] = [
  ['', 'All'],
  ...(Object.entries(STATUS_WORDS) as [OrderStatus, string][]),
];

const ORDERS = [
  ['', 'Newest first'],
  ['OLDEST_FIRST', 'Oldest first'],
] as const;

const QUERY = `query ($first: Int!, $after: String, $status: OrderStatus, $order: OrderOrder!) {
  orders(first: $first, after: $after, status: $status, order: $order) {
    nodes { ${ORDER} user { ${NAMED} } } ${PAGE_INFO}
  }
}`;

interface Filter {
  status: OrderStatus | null;
  order: 'NEWEST_FIRST' | 'OLDEST_FIRST';
}

async function readOrders(filter: Filter, after: string | null, signal?: AbortSignal) {
  const { orders } = await graphql<{ orders: Connection<Order> }>(
    QUERY,
    { ...filter, first: PAGE_SIZE, after },
    signal,
  );
  return cursorPage(orders);
}

/** What the URL says, as far as it is known here: anybody may have typed it. */
function filterOf({ status, order }: Record<string, string>): Filter {
  const known = status !== undefined && Object.hasOwn(STATUS_WORDS, status);
  return {
    status: known ? (status as OrderStatus) : null,
    order: order === 'OLDEST_FIRST' ? 'OLDEST_FIRST' : 'NEWEST_FIRST',
  };
}

export function Screen() {
  const [query, change] = useQuery();
  const [isPlacing, place] = useState(false);
  const filter = filterOf(query);
  const orders = usePages(`${filter.status} ${filter.order}`, (after, signal) =>
    readOrders(filter, after, signal),
  );
  const placeButton = (
    <button type="button" class="primary" onClick={() => place(true)}>
      Place order
    </button>
  );
  return (
    <Page title="Orders" about="Devices on their way to your customers." actions={placeButton}>
      <div class="filters">
        <Choice
          name="status"
          label="Status"
          choices={STATUSES}
          value={filter.status ?? ''}
          onChange={(status) => change({ status })}
        />
        <Choice
          name="order"
          label="Order of the list"
          choices={ORDERS}
          value={filter.order === 'OLDEST_FIRST' ? filter.order : ''}
          onChange={(order) => change({ order })}
        />
      </div>
      <List
        caption="Orders"
        columns={orderColumns({ onChange: orders.reload, named: true })}
        pages={orders}
        keyOf={({ orderId }) => orderId}
        empty={
          filter.status ? (
            <Empty title="No order has this status." />
          ) : (
            <Empty title="There are no orders yet.">
              <p>Choose “Place order” to have a device sent to a customer.</p>
            </Empty>
          )
        }
      />
      {isPlacing && <PlaceOrder onPlaced={orders.reload} onClose={() => place(false)} />}
    </Page>
  );
}
