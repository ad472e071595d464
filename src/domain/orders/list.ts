/** The orders of a user. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse } from '../../base/text.ts';
import { o } from '../../db/aliases.ts';
import { externalId, idOfUser, isUser } from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { type Order, selectOrders } from './order.ts';

const newestFirst = sql`ORDER BY ${o.createdAt} DESC, ${o.orderId}`;

const input = v.object({ externalUserId: externalId });

/** Lists orders, newest first. Empty for an unknown user. */
export function ordersForUser(
  permit: Permit<'order.list'>,
  raw: { externalUserId: string },
): Promise<Order[]> {
  const { externalUserId } = parse(input, raw);
  const picked = isUser(permit.tenantId, { externalUser: { externalId: externalUserId } });
  return permit.db.read(selectOrders(sql`${o.userId} = ${idOfUser(picked)} ${newestFirst}`));
}

/** For a nested field. */
export const ordersOfUser = (
  permit: Permit<'order.list' | 'viewer.list'>,
  userId: number,
): Promise<Order[]> =>
  permit.db.read(
    selectOrders(
      sql`${o.userId} = ${userId} AND ${o.tenantId} = ${permit.tenantId} ${newestFirst}`,
    ),
  );
