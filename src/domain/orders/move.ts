/** Moving an order on: the tenant may cancel, the operator does the rest. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Complaint, Refusal, refuse, refuseAny } from '../../base/faults.ts';
import { quote } from '../../base/sentences.ts';
import { parse, text } from '../../base/text.ts';
import { statement } from '../../db/connect.ts';
import { deviceId, inOtherCase } from '../devices/device.ts';
import type { Permit } from '../permit.ts';
import { tenantExists, unknownTenant } from '../tenant.ts';
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

const unknownOrder: Complaint = {
  code: 'NOT_FOUND',
  path: ['orderId'],
  message: 'There is no such order. Check the id.',
};

const illegalMove = (from: OrderStatus, to: OrderStatus, path: string): Complaint => {
  const next = nextAfter(from).join(' or ');
  const advice = next === '' ? 'it stays so' : `next comes ${next}`;
  return {
    code: 'CONFLICT',
    path: [path],
    message:
      from === to
        ? `The order is ${from} already, with other values.`
        : `An order that is ${from} cannot become ${to}: ${advice}.`,
  };
};

const cancelInput = v.object({ orderId });

export async function cancelOrder(
  permit: Permit<'order.cancel'>,
  raw: { orderId: string },
): Promise<{ order: Order }> {
  const { orderId: id } = parse(cancelInput, raw);
  const { tenantId, now, change, db } = permit;
  const {
    order: [order],
  } = await db.batch({
    update: statement(sql`
      UPDATE orders AS o SET status = 'CANCELLED', updated_at = ${now}, change_id = ${change}
      WHERE ${isOrder(tenantId, id)} AND ${mayCome('CANCELLED')}`),
    event: orderEvent(permit, id),
    order: selectOrders(isOrder(tenantId, id)),
  });
  if (!order) throw new Refusal(unknownOrder);
  if (order.orderStatus !== 'CANCELLED') {
    throw new Refusal(illegalMove(order.orderStatus, 'CANCELLED', 'orderId'));
  }
  return { order };
}

/** The link as browsers read it: what is stored is what is followed. Null for what is none. */
function hrefOf(link: string): string | null {
  const isLink = /^https?:\/\/\S+$/i.test(link) && link.isWellFormed();
  const url = isLink ? URL.parse(link) : null;
  return url && url.username === '' && url.password === '' ? url.href : null;
}

const MAX_LINK = 2000;

const webLink = v.pipe(
  text(MAX_LINK),
  v.check(
    (link) => hrefOf(link) !== null,
    'Must be an http or https link, beginning with "https://", without blanks or a user name in it.',
  ),
  v.transform((link) => hrefOf(link) ?? link),
  v.check(
    (href) => href.length <= MAX_LINK,
    `Must be at most ${MAX_LINK} characters long, percent-encoded.`,
  ),
);

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
  trackingLink: 'SHIPPED needs a link by which the parcel can be followed.',
};

function shippingComplaints({ orderStatus, ...values }: OrderUpdate): Complaint[] {
  return (['deviceId', 'trackingLink'] as const).flatMap((field): Complaint[] => {
    const given = values[field] != null;
    if (given === (orderStatus === 'SHIPPED')) return [];
    const message = given ? 'Give this with SHIPPED only.' : NEEDED[field];
    return [{ code: 'INVALID', path: [field], message }];
  });
}

/** Whether there are the tenant and the device that a call names. */
interface Found {
  tenant: 0 | 1;
  device: 0 | 1;
  /** Whether another tenant has the device. */
  isTaken: 0 | 1;
  /** A device that is named alike. */
  similar: string | null;
}

/** The order that has a device, by its names. */
type Holder = Pick<Order, 'tenantId' | 'orderId'>;

const stillUnderWay = (holder: Holder, tenantId: number): Complaint => {
  const whose = holder.tenantId === tenantId ? '' : ` of intermediary ${holder.tenantId}`;
  return {
    code: 'CONFLICT',
    path: ['deviceId'],
    message: `Order "${quote(holder.orderId)}"${whose} is SHIPPED with this device. Move that one to DELIVERED or RETURNED first, or ship another device.`,
  };
};

/**
 * The same status and values again change nothing; any other move that is not the next is refused. A device is under way
 * with one order at a time.
 */
export async function updateOrder(
  permit: Permit<'order.update'>,
  raw: OrderUpdate,
): Promise<{ order: Order }> {
  const update = parse(updateInput, raw);
  refuseAny(shippingComplaints(update));
  const { orderId: id, orderStatus, deviceId: device = null, trackingLink = null } = update;
  const { tenantId, now, change } = permit;
  const db = permit.endingIf(sql`${/^(CANCELLED|RETURNED)$/.test(orderStatus) ? 1 : 0}`);
  const shippable = sql`(${device} IS NULL OR EXISTS (
    SELECT 1 FROM devices WHERE device_id = ${device} AND (tenant_id = ${tenantId} OR tenant_id IS NULL)))`;
  const tenant = tenantExists(tenantId);
  const moved = sql`EXISTS (SELECT 1 FROM orders o WHERE ${isOrder(tenantId, id)} AND o.change_id = ${change})`;
  const {
    found: [found],
    holder: [holder],
    order: [order],
  } = await db.batch({
    found: statement<Found>(sql`
      SELECT ${tenant} AS tenant, ${shippable} AS device,
        EXISTS (SELECT 1 FROM devices WHERE device_id = ${device} AND tenant_id <> ${tenantId}) AS isTaken,
        ${inOtherCase(tenantId, device)} AS similar`),
    holder: statement<Holder>(sql`${underWayWith(device)} LIMIT 1`),
    update: statement(sql`
      UPDATE orders AS o SET status = ${orderStatus}, updated_at = ${now}, change_id = ${change},
        device_id = coalesce(${device}, o.device_id), tracking_link = coalesce(${trackingLink}, o.tracking_link)
      WHERE ${isOrder(tenantId, id)} AND ${mayCome(orderStatus)} AND ${shippable} AND ${tenant}
        AND NOT EXISTS (${underWayWith(device)})`),
    assignment: statement(sql`
      UPDATE devices SET tenant_id = ${tenantId}, change_id = ${change}
      WHERE device_id = ${device} AND tenant_id IS NULL AND ${moved}`),
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

/** Why a device cannot be shipped. The operator alone is told that another tenant has it. */
function unreachable({ isTaken, similar }: Found): Refusal {
  if (isTaken) {
    return refuse(
      'CONFLICT',
      ['deviceId'],
      'This device is assigned to another intermediary. Remove it there first, or ship another.',
    );
  }
  return refuse(
    'NOT_FOUND',
    ['deviceId'],
    similar === null
      ? 'No such device is assigned to this intermediary or in stock. Add it first.'
      : `There is no such device here, but ${similar} is: case matters.`,
  );
}
