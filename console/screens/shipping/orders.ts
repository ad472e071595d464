/** What the operator reads of orders, and where an order may move. */
import { graphql } from '../../api/graphql.ts';
import type { Tone } from '../../parts/badge.tsx';
import { cursorPage, PAGE_INFO, PAGE_SIZE, type Page } from '../../parts/pages.ts';

export type Status = 'PLACED' | 'PROCESSING' | 'SHIPPED' | 'DELIVERED' | 'RETURNED' | 'CANCELLED';

interface StatusFacts {
  name: string;
  tone: Tone;
  /** What may come next, the usual first. */
  next: readonly Status[];
}

/** In the order in which orders pass through them. */
export const STATUSES: Record<Status, StatusFacts> = {
  PLACED: { name: 'Placed', tone: 'warn', next: ['PROCESSING', 'CANCELLED'] },
  PROCESSING: { name: 'Processing', tone: 'warn', next: ['SHIPPED', 'CANCELLED'] },
  SHIPPED: { name: 'Shipped', tone: 'plain', next: ['DELIVERED', 'RETURNED'] },
  DELIVERED: { name: 'Delivered', tone: 'good', next: ['RETURNED'] },
  RETURNED: { name: 'Returned', tone: 'bad', next: [] },
  CANCELLED: { name: 'Cancelled', tone: 'plain', next: [] },
};

export const isStatus = (text: string): text is Status => Object.hasOwn(STATUSES, text);

export interface Order {
  id: string;
  orderId: string;
  orderStatus: Status;
  deviceId: string | null;
  trackingLink: string | null;
  createdAt: string;
  updatedAt: string;
  intermediary: { id: string; name: string } | null;
}

export interface Filter {
  /** Null: all. */
  status: Status | null;
  companyId: string | null;
}

/** A page of orders. Those that wait come in the order in which they were placed. */
export async function readOrders(
  { status, companyId }: Filter,
  after: string | null,
  signal?: AbortSignal,
): Promise<Page<Order>> {
  const isWaiting = status === 'PLACED' || status === 'PROCESSING';
  const { orders } = await graphql<{ orders: Parameters<typeof cursorPage<Order>>[0] }>(
    `query ($status: OrderStatus, $companyId: ID, $order: OrderOrder!, $first: Int!,
      $after: String) {
      orders(status: $status, intermediaryId: $companyId, order: $order, first: $first,
        after: $after) {
        nodes {
          id orderId orderStatus deviceId trackingLink createdAt updatedAt
          intermediary { id name }
        }
        ${PAGE_INFO}
      }
    }`,
    {
      ...{ status, companyId, after, first: PAGE_SIZE },
      order: isWaiting ? 'OLDEST_FIRST' : 'NEWEST_FIRST',
    },
    signal,
  );
  return cursorPage(orders);
}
