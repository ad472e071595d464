/** Moves an order: the tenant may cancel it, the operator does the rest. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, Refusal, refuseAny } from '../../base/faults.ts';
import { quote } from '../../base/messages.ts';
import { parse } from '../../base/text.ts';
import { d, o, source, u } from '../../db/aliases.ts';
import { select, update } from '../../db/statements.ts';
import { sparingSuperiors } from '../callers/superiors.ts';
import { deviceId } from '../entities/device.ts';
import { tenantExists, unknownTenant } from '../entities/tenant.ts';
import type { Permit } from '../permit.ts';
import {
  canCome,
  isOrder,
  mayCome,
  nextAfter,
  ORDER_STATUSES,
  type Order,
  type OrderStatus,
  orderEvent,
  orderId,
  selectOrders,
  underWayWith,
} from './order.ts';
import { foundColumns, hrefOf, isShippable, unreachable, webLink } from './shipping.ts';

const unknownOrder: Complaint = {
  code: 'NOT_FOUND',
  path: ['orderId'],
  message: 'There is no such order. Check the id.',
};

const illegalMove = (from: OrderStatus, to: OrderStatus, path: string): Complaint => {
  const next = nextAfter(from).join(' or ');
  const advice = next === '' ? 'it is final' : `next comes ${next}`;
  return {
    code: 'CONFLICT',
    path: [path],
    message:
      from === to
        ? `The order is already ${from}, with other values.`
        : `An order that is ${from} cannot become ${to}: ${advice}.`,
  };
};

const cancelInput = v.object({ orderId });

/**
 * Cancels an order. Throws NOT_FOUND for an unknown order, CONFLICT if it is on its way or was
 * delivered, FORBIDDEN for the order of a user above the calling member.
 */
export async function cancelOrder(
  permit: Permit<'order.cancel'>,
  raw: { orderId: string },
): Promise<{ order: Order }> {
  const { orderId: id } = parse(cancelInput, raw);
  const { tenantId, now, change } = permit;
  const holder = sql`FROM ${source(o)} JOIN ${source(u)} ON ${u.id} = ${o.userId}
    WHERE ${isOrder(tenantId, id)}`;
  const {
    order: [order],
  } = await sparingSuperiors(permit.db, permit, holder, 'orderId').batch({
    update: update(
      o,
      { status: 'CANCELLED', updatedAt: now, changeId: change },
      sql`WHERE ${isOrder(tenantId, id)} AND ${mayCome('CANCELLED')}`,
    ),
    event: orderEvent(permit, id),
    order: selectOrders(isOrder(tenantId, id)),
  });
  if (!order) throw new Refusal(unknownOrder);
  if (order.orderStatus !== 'CANCELLED') {
    throw new Refusal(illegalMove(order.orderStatus, 'CANCELLED', 'orderId'));
  }
  return { order };
}

const updateInput = v.object({
  orderId,
  orderStatus: v.picklist(ORDER_STATUSES),
  deviceId: v.nullish(deviceId),
  trackingLink: v.nullish(webLink),
});

export interface OrderUpdate {
  orderId: string;
  orderStatus: OrderStatus;
  /** With SHIPPED, and only then. */
  deviceId?: string | null | undefined;
  /** With SHIPPED, and only then. */
  trackingLink?: string | null | undefined;
}

const NEEDED = {
  deviceId: 'SHIPPED needs the id of the device that is in the parcel.',
  trackingLink: 'SHIPPED needs a link to track the parcel.',
};

function shippingComplaints({ orderStatus, ...values }: OrderUpdate): Complaint[] {
  return (['deviceId', 'trackingLink'] as const).flatMap((field): Complaint[] => {
    const given = values[field] != null;
    if (given === (orderStatus === 'SHIPPED')) return [];
    const message = given ? 'Give this with SHIPPED only.' : NEEDED[field];
    return [{ code: 'INVALID', path: [field], message }];
  });
}

/** The order that has a device. */
type Holder = Pick<Order, 'tenantId' | 'orderId'>;

const stillUnderWay = (holder: Holder, tenantId: number): Complaint => {
  const whose = holder.tenantId === tenantId ? '' : ` of intermediary ${holder.tenantId}`;
  return {
    code: 'CONFLICT',
    path: ['deviceId'],
    message:
      `Order "${quote(holder.orderId)}"${whose} is SHIPPED with this device. ` +
      'Move that one to DELIVERED or RETURNED first, or ship another device.',
  };
};

/**
 * Updates an order. Repeating the same status and values changes nothing. A move that is not the
 * next one is refused. A device can be under way with one order only. Throws NOT_FOUND for an
 * unknown order or device, CONFLICT for a move that is not the next one or a device that is already
 * under way. Throws INVALID for a device or a link without SHIPPED, and for SHIPPED without both.
 */
export async function updateOrder(
  permit: Permit<'order.update'>,
  raw: OrderUpdate,
): Promise<{ order: Order }> {
  const given = parse(updateInput, raw);
  refuseAny(shippingComplaints(given));
  const { orderId: id, orderStatus, deviceId: device = null, trackingLink = null } = given;
  const { tenantId, now, change } = permit;
  const db = permit.endingIf(sql`${/^(CANCELLED|RETURNED)$/.test(orderStatus) ? 1 : 0}`);
  const moved = sql`EXISTS (
    SELECT 1 FROM ${source(o)} WHERE ${isOrder(tenantId, id)} AND ${o.changeId} = ${change})`;
  const {
    found: [found],
    holder: [holder],
    order: [order],
  } = await db.batch({
    found: select(foundColumns(tenantId, device), sql``),
    holder: underWayWith(device),
    update: update(
      o,
      {
        ...{ status: orderStatus, updatedAt: now, changeId: change },
        ...{ deviceId: device ?? undefined, trackingLink: trackingLink ?? undefined },
      },
      sql`WHERE ${isOrder(tenantId, id)} AND ${mayCome(orderStatus)}
        AND ${isShippable(tenantId, device)} AND ${tenantExists(tenantId)}
        AND NOT EXISTS (${underWayWith(device).sql})`,
    ),
    assignment: update(
      d,
      { tenantId, changeId: change },
      sql`WHERE ${d.deviceId} = ${device} AND ${d.tenantId} IS NULL AND ${moved}`,
    ),
    event: orderEvent(permit, id),
    order: selectOrders(isOrder(tenantId, id)),
  });
  if (!found?.tenant) throw new Refusal(unknownTenant);
  if (!order) throw new Refusal(unknownOrder);
  const asWanted =
    order.orderStatus === orderStatus &&
    (device === null ||
      (order.deviceId === device && hrefOf(order.trackingLink ?? '') === trackingLink));
  if (asWanted) return { order };
  if (!found.device) throw unreachable(found);
  if (holder && canCome(order.orderStatus, orderStatus)) {
    throw new Refusal(stillUnderWay(holder, tenantId));
  }
  throw new Refusal(illegalMove(order.orderStatus, orderStatus, 'orderStatus'));
}
