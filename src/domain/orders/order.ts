/** The order, and the allowed moves of its status. */
import { type SQL, sql } from 'drizzle-orm';
import { text } from '../../base/text.ts';
import { aliased, o, source, t } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { orders } from '../../db/schema.ts';
import { type RowOf, select } from '../../db/statements.ts';
import type { Permit } from '../permit.ts';

export const ORDER_STATUSES = orders.status.enumValues;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** For each status: the statuses from which an order may reach it. */
const COMES_FROM = {
  PLACED: [],
  PROCESSING: ['PLACED'],
  SHIPPED: ['PROCESSING'],
  DELIVERED: ['SHIPPED'],
  CANCELLED: ['PLACED', 'PROCESSING'],
  RETURNED: ['SHIPPED', 'DELIVERED'],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>;

/** The columns of an Order. `userId`: null once the user was removed. */
export const orderColumns = {
  ...{ tenantId: o.tenantId, orderId: o.orderId, userId: o.userId, orderStatus: o.status },
  ...{ deviceId: o.deviceId, trackingLink: o.trackingLink },
  ...{ createdAt: o.createdAt, updatedAt: o.updatedAt },
};

export type Order = RowOf<typeof orderColumns>;

export const orderId = text(64);

/** The orders `o` that fit. */
export const selectOrders = (fits: SQL): Statement<Order> =>
  select(orderColumns, sql`FROM ${source(o)} WHERE ${fits}`);

/** The condition for the tenant's order `o` with this id. */
export const isOrder = (tenantId: number, id: string): SQL =>
  sql`${o.tenantId} = ${tenantId} AND ${o.orderId} = ${id}`;

/** Whether an order may move from one status to the other. */
export const canCome = (from: OrderStatus, to: OrderStatus): boolean =>
  (COMES_FROM[to] as readonly OrderStatus[]).includes(from);

/** The statuses that an order may have next. */
export const nextAfter = (from: OrderStatus): OrderStatus[] =>
  ORDER_STATUSES.filter((to) => canCome(from, to));

/** Whether an order `o` may reach `status`. */
export const mayCome = (status: OrderStatus): SQL =>
  sql`${o.status} IN (SELECT j.value FROM json_each(${JSON.stringify(COMES_FROM[status])}) j)`;

/** An order beside the order `o`. */
const other = aliased(orders, 'other');

/**
 * The order that a device is under way with: shipped and not yet delivered or returned. After that
 * it can be shipped again. Orders of removed tenants never change again, so they do not count.
 */
export const underWayWith = (device: string | null) =>
  select(
    { tenantId: other.tenantId, orderId: other.orderId },
    sql`FROM ${source(other)} CROSS JOIN ${source(t)} ON ${t.id} = ${other.tenantId}
      WHERE ${other.deviceId} = ${device} AND +${other.status} = 'SHIPPED'
        AND ${t.removedAt} IS NULL LIMIT 1`,
  );

/** The event of this call's change to an order. */
export const orderEvent = (
  permit: Permit<'order.add' | 'order.cancel' | 'order.update'>,
  id: string,
): Statement =>
  event(
    permit,
    {
      action: permit.action,
      user: o.userId,
      subject: {
        ...{ orderId: o.orderId, orderStatus: o.status },
        deviceIds: sql<string[]>`
          iif(${o.deviceId} IS NULL, json_array(), json_array(${o.deviceId}))`,
      },
    },
    sql`FROM ${source(o)}
      WHERE ${isOrder(permit.tenantId, id)} AND ${o.changeId} = ${permit.change}`,
  );
