/** The order as a fact, and the moves that its status may make. */
import { type SQL, sql } from 'drizzle-orm';
import { text } from '../../base/text.ts';
import { event } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';

export const ORDER_STATUSES = [
  'PLACED',
  'PROCESSING',
  'SHIPPED',
  'DELIVERED',
  'CANCELLED',
  'RETURNED',
] as const;
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

export interface Order {
  tenantId: number;
  orderId: string;
  /** Null once the user was removed. */
  userId: number | null;
  orderStatus: OrderStatus;
  deviceId: string | null;
  trackingLink: string | null;
  createdAt: number;
  updatedAt: number;
}

export const orderId = text(64);

export const orderColumns = sql.raw(
  'o.tenant_id AS tenantId, o.order_id AS orderId, o.user_id AS userId, o.status AS orderStatus, o.device_id AS deviceId, o.tracking_link AS trackingLink, o.created_at AS createdAt, o.updated_at AS updatedAt',
);

export const selectOrders = (fits: SQL): Statement<Order> =>
  statement<Order>(sql`SELECT ${orderColumns} FROM orders o WHERE ${fits}`);

export const isOrder = (tenantId: number, id: string): SQL =>
  sql`o.tenant_id = ${tenantId} AND o.order_id = ${id}`;

export const canCome = (from: OrderStatus, to: OrderStatus): boolean =>
  (COMES_FROM[to] as readonly OrderStatus[]).includes(from);

/** To which statuses an order may come next. */
export const nextAfter = (from: OrderStatus): OrderStatus[] =>
  ORDER_STATUSES.filter((to) => canCome(from, to));

/** May an order in status `o.status` come to `status`? */
export const mayCome = (status: OrderStatus): SQL =>
  sql`o.status IN (SELECT value FROM json_each(${JSON.stringify(COMES_FROM[status])}))`;

/**
 * The order that a device is under way with: nobody has it yet, and it is in no shelf. One that was delivered or came back
 * can be shipped again, and an order before SHIPPED has no device. Orders of removed tenants stay as they are for ever, and
 * stand in nobody's way.
 */
export const underWayWith = (device: string | null): SQL => sql`
  SELECT w.tenant_id AS tenantId, w.order_id AS orderId FROM orders w CROSS JOIN tenants t ON t.id = w.tenant_id
  WHERE w.device_id = ${device} AND +w.status = 'SHIPPED' AND t.removed_at IS NULL`;

/** The event of what this very call did to an order. */
export const orderEvent = (
  permit: Permit<'order.add' | 'order.cancel' | 'order.update'>,
  id: string,
): Statement =>
  event(
    permit,
    {
      action: permit.action,
      user: sql`o.user_id`,
      subject: sql`json_object('orderId', o.order_id, 'orderStatus', o.status, 'deviceIds', iif(o.device_id IS NULL, json_array(), json_array(o.device_id)))`,
    },
    sql`FROM orders o WHERE ${isOrder(permit.tenantId, id)} AND o.change_id = ${permit.change}`,
  );
