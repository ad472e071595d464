/** Orders of all users of a tenant or, for the operator, of all tenants. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { aliased, o, source, t } from '../../db/aliases.ts';
import {
  type CursorPage,
  type CursorPageInput,
  type Key,
  numberPart,
  openCursorPage,
  textPart,
} from '../../db/cursor-page.ts';
import { orders } from '../../db/schema.ts';
import { select } from '../../db/statements.ts';
import { NO_TENANT } from '../entities/tenant.ts';
import type { Permit } from '../permit.ts';
import { ORDER_STATUSES, type Order, type OrderStatus, orderColumns } from './order.ts';

export interface OrdersInput extends CursorPageInput {
  status?: OrderStatus | null | undefined;
  order: 'OLDEST_FIRST' | 'NEWEST_FIRST';
}

/** The sort key: the time when it was placed, and its ids. */
const cursor = v.tuple([numberPart, numberPart, textPart]);
const keyOf = ({ createdAt, tenantId, orderId }: Order): Key => [createdAt, tenantId, orderId];

const columns = { ...orderColumns, isGone: sql<0 | 1>`${t.removedAt} IS NOT NULL` };

/**
 * The orders of one status, read from an index alone. Only the listed orders `o` are read from the
 * table.
 */
const i = aliased(orders, 'i');

/**
 * Lists orders by the time they were placed, or in reverse. Each status is a range of an index, and
 * their first rows are merged. Orders of removed tenants are left out of the list across tenants:
 * nothing of theirs will be shipped.
 */
export async function listOrders(
  permit: Permit<'order.listAll'>,
  input: OrdersInput,
): Promise<CursorPage<Order>> {
  const { tenantId, caller } = permit;
  const { status = null, order } = input;
  const isWhole = caller.kind === 'operator' && tenantId === NO_TENANT;
  const { limit, after, close } = openCursorPage(
    input,
    ['orders', tenantId, status, order],
    cursor,
  );
  const statuses = JSON.stringify(status === null ? ORDER_STATUSES : [status]);
  const [past, way] = order === 'OLDEST_FIRST' ? [sql`>`, sql`ASC`] : [sql`<`, sql`DESC`];
  const ours = isWhole ? sql`1` : sql`${i.tenantId} = ${tenantId}`;
  const behind = after
    ? sql`(${i.createdAt}, ${i.tenantId}, ${i.orderId})
        ${past} (${after[0]}, ${after[1]}, ${after[2]})`
    : sql`1`;
  const rows = await permit.db.read(
    select(
      columns,
      sql`FROM json_each(${statuses}) j CROSS JOIN ${source(o)} CROSS JOIN ${source(t)}
        WHERE ${t.id} = ${o.tenantId} AND (${o.tenantId}, ${o.orderId}) IN (
          SELECT ${i.tenantId}, ${i.orderId} FROM ${source(i)}
          WHERE ${i.status} = j.value AND ${ours} AND ${behind}
          ORDER BY ${i.createdAt} ${way}, ${i.tenantId} ${way}, ${i.orderId} ${way}
          LIMIT ${limit})
        ORDER BY ${o.createdAt} ${way}, ${o.tenantId} ${way}, ${o.orderId} ${way} LIMIT ${limit}`,
    ),
  );
  const shown = isWhole ? rows.filter(({ isGone }) => isGone === 0) : rows;
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return close<Order>(shown, keyOf, last && keyOf(last));
}
