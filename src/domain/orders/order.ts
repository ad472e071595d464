/** The order as a fact, and the moves that its status may make. */
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

/** From which statuses an order may come to each. */
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

/** The condition that picks from orders `o` the tenant's with this id. */
export const isOrder = (tenantId: number, id: string): SQL =>
  sql`${o.tenantId} = ${tenantId} AND ${o.orderId} = ${id}`;

/** Whether an order may come from one status to another. */
export const canCome = (from: OrderStatus, to: OrderStatus): boolean =>
  (COMES_FROM[to] as readonly OrderStatus[]).includes(from);

/** To which statuses an order may come next. */
export const nextAfter = (from: OrderStatus): OrderStatus[] =>
  ORDER_STATUSES.filter((to) => canCome(from, to));

/** May an order `o` come to `status`? */
export const mayCome = (status: OrderStatus): SQL =>
  sql`${o.status} IN (SELECT j.value FROM json_each(${JSON.stringify(COMES_FROM[status])}) j)`;

/** An order beside the order `o`. */
const other = aliased(orders, 'other');

/**
 * The order that a device is under way with: nobody has it yet, and it is in no shelf. One that was
 * delivered or came back can be shipped again, and an order before SHIPPED has no device. Orders of
 * removed tenants stay as they are for ever, and stand in nobody's way.
 */
export const underWayWith = (device: string | null) =>
  select(
    { tenantId: other.tenantId, orderId: other.orderId },
    sql`FROM ${source(other)} CROSS JOIN ${source(t)} ON ${t.id} = ${other.tenantId}
      WHERE ${other.deviceId} = ${device} AND +${other.status} = 'SHIPPED'
        AND ${t.removedAt} IS NULL LIMIT 1`,
  );

/** The event of what this very call did to an order. */
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
