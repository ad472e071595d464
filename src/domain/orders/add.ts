/** Places an order for a user. */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal, refuse } from '../../base/faults.ts';
import { randomText } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import { o, source, u } from '../../db/aliases.ts';
import { orders } from '../../db/schema.ts';
import { insert, onConflict, remove } from '../../db/statements.ts';
import {
  isUser,
  selectUser,
  type UserIdentifier,
  unknownUser,
  userIdentifier,
} from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { isOrder, type Order, orderEvent, orderId, selectOrders } from './order.ts';

/**
 * The most orders of a user, since they are listed without pages. Cancelled orders do not block new
 * ones: a new order replaces the oldest cancelled one. Events stay.
 */
export const MAX_ORDERS = 1000;

/** How many orders a user has. */
const held = (userId: SQLWrapper, fits = sql``): SQL => sql`(
  SELECT count(*) FROM ${source(o)} WHERE ${o.userId} = ${userId} ${fits})`;

const input = v.object({ userIdentifier, orderId: v.nullish(orderId) });

/**
 * Places an order. The same `orderId` for the same user returns the existing order. Without an
 * `orderId`, each call places a new order. Throws NOT_FOUND for an unknown user, CONFLICT if
 * another user's order has the id or the user has as many orders as allowed.
 */
export async function addOrder(
  permit: Permit<'order.add'>,
  raw: { userIdentifier: UserIdentifier; orderId?: string | null | undefined },
): Promise<{ order: Order }> {
  const { userIdentifier: identifier, orderId: given } = parse(input, raw);
  const { tenantId, now, change, db } = permit;
  const id = given ?? randomText(12);
  const picked = isUser(tenantId, identifier);
  /** The user whose order this call placed. */
  const owner = sql`(
    SELECT ${o.userId} FROM ${source(o)}
    WHERE ${isOrder(tenantId, id)} AND ${o.changeId} = ${change})`;
  const {
    user: [user],
    order: [order],
  } = await db.batch({
    user: selectUser(picked),
    insertion: insert(
      orders,
      {
        ...{ tenantId: u.tenantId, orderId: id, userId: u.id, status: 'PLACED' },
        ...{ createdAt: now, updatedAt: now, changeId: change },
      },
      sql`FROM ${source(u)}
        WHERE ${picked} AND ${held(u.id, sql`AND ${o.status} <> 'CANCELLED'`)} < ${MAX_ORDERS}
        ${onConflict(orders.tenantId, orders.orderId)} DO NOTHING`,
    ),
    replaced: remove(
      o,
      sql`WHERE (${o.tenantId}, ${o.orderId}) IN (
        SELECT ${o.tenantId}, ${o.orderId} FROM ${source(o)}
        WHERE ${o.userId} = ${owner} AND ${o.status} = 'CANCELLED'
        ORDER BY ${o.createdAt}, ${o.orderId}
        LIMIT max(0, ${held(owner)} - ${MAX_ORDERS}))`,
    ),
    event: orderEvent(permit, id),
    order: selectOrders(isOrder(tenantId, id)),
  });
  if (!user) throw new Refusal(unknownUser(identifier));
  if (!order) {
    throw refuse(
      'CONFLICT',
      ['userIdentifier'],
      `This user has ${MAX_ORDERS} orders without cancelled ones, which is the most.`,
    );
  }
  if (order.userId !== user.id) {
    throw refuse(
      'CONFLICT',
      ['orderId'],
      'Another user’s order has this orderId. Choose another one.',
    );
  }
  return { order };
}
