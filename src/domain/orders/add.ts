/** Placing an order for a user. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal, refuse } from '../../base/faults.ts';
import { randomText } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import { statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import {
  isUser,
  selectUser,
  type UserIdentifier,
  unknownUser,
  userIdentifier,
} from '../users/user.ts';
import { isOrder, type Order, orderEvent, orderId, selectOrders } from './order.ts';

/**
 * A user's orders are given whole, so they are bounded when they are placed. Cancelled ones are in nobody's way: one order
 * more takes the place of the oldest of them, whose events stay.
 */
export const MAX_ORDERS = 1000;

const input = v.object({ userIdentifier, orderId: v.nullish(orderId) });

/** The same `orderId` for the same user again gives the same order; without one, each call places a new order. */
export async function addOrder(
  permit: Permit<'order.add'>,
  raw: { userIdentifier: UserIdentifier; orderId?: string | null | undefined },
): Promise<{ order: Order }> {
  const { userIdentifier: identifier, orderId: given } = parse(input, raw);
  const { tenantId, now, change, db } = permit;
  const id = given ?? randomText(12);
  const picked = isUser(tenantId, identifier);
  /** Whose order this very call placed. */
  const owner = sql`(SELECT o.user_id FROM orders o WHERE ${isOrder(tenantId, id)} AND o.change_id = ${change})`;
  const {
    user: [user],
    order: [order],
  } = await db.batch({
    user: selectUser(picked),
    insertion: statement(sql`
      INSERT INTO orders (tenant_id, order_id, user_id, status, created_at, updated_at, change_id)
      SELECT u.tenant_id, ${id}, u.id, 'PLACED', ${now}, ${now}, ${change} FROM users u
      WHERE ${picked} AND (SELECT count(*) FROM orders WHERE user_id = u.id AND status <> 'CANCELLED') < ${MAX_ORDERS}
      ON CONFLICT (tenant_id, order_id) DO NOTHING`),
    replaced: statement(sql`
      DELETE FROM orders WHERE (tenant_id, order_id) IN (
        SELECT o.tenant_id, o.order_id FROM orders o WHERE o.user_id = ${owner} AND o.status = 'CANCELLED'
        ORDER BY o.created_at, o.order_id
        LIMIT max(0, (SELECT count(*) FROM orders WHERE user_id = ${owner}) - ${MAX_ORDERS}))`),
    event: orderEvent(permit, id),
    order: selectOrders(isOrder(tenantId, id)),
  });
  if (!user) throw new Refusal(unknownUser(identifier));
  if (!order) {
    throw refuse(
      'CONFLICT',
      ['userIdentifier'],
      `This user has ${MAX_ORDERS} orders, cancelled ones left out: the most there can be.`,
    );
  }
  if (order.userId !== user.id) {
    throw refuse('CONFLICT', ['orderId'], 'Another user’s order has this orderId. Choose another.');
  }
  return { order };
}
