/** Orders: placed and cancelled by the tenant, moved on by the operator. */
import type { FieldMap } from '@pothos/core';
import { addOrder, MAX_ORDERS } from '../domain/orders/add.ts';
import { ordersForUser } from '../domain/orders/list.ts';
import { cancelOrder, updateOrder } from '../domain/orders/move.ts';
import type { Order as OrderFact } from '../domain/orders/order.ts';
import { listOrders } from '../domain/orders/page.ts';
import { builder, type FieldBuilder } from './builder.ts';
import { connection, pageArgs } from './connection.ts';
import { maxItems } from './cost.ts';
import { guarded } from './guarded.ts';
import { namesUser } from './identifiers.ts';
import { mutation } from './mutation.ts';
import { Order, OrderStatus } from './order.ts';
import { input, inputOf, underInput } from './payload.ts';

const OrderConnection = connection('orders', Order);

const OrderOrder = builder.enumType('OrderOrder', {
  description: 'The order in which orders were placed, or its reverse.',
  values: {
    OLDEST_FIRST: { description: 'Begins with those that have waited longest.' },
    NEWEST_FIRST: { description: 'Begins with the last one.' },
  } as const,
});

builder.queryField('orders', (t) =>
  guarded(t, {
    action: 'order.listAll',
    tenant: 'intermediaryId',
    type: OrderConnection,
    description:
      'The orders of all your users. For the operator: those of all intermediaries, or of ' +
      'one. A page for the operator may hold fewer than `first` orders even if another ' +
      'follows: use `pageInfo`.',
    args: {
      ...pageArgs,
      status: t.arg({
        type: OrderStatus,
        description: 'Only those that are this far: PLACED and PROCESSING are yet to be shipped.',
      }),
      intermediaryId: t.arg.id({
        description:
          'Operator: only those of this intermediary, even if it is removed. Left out: those ' +
          'of all intermediaries that are not removed.',
      }),
      order: t.arg({
        type: OrderOrder,
        required: true,
        defaultValue: 'OLDEST_FIRST',
        description: 'The order of the list.',
      }),
    },
    verb: listOrders,
  }),
);

const whoseOrders = inputOf(
  'ordersForUser',
  input('Whose orders.', (t) => ({
    externalUserId: t.string({ required: true, description: 'Your id for the end user.' }),
  })),
);

const OrdersForUser = builder.objectRef<{ orders: OrderFact[] }>('OrdersForUser').implement({
  description: 'What `ordersForUser` found.',
  fields: (t) => ({
    orders: t.expose('orders', {
      extensions: maxItems(MAX_ORDERS),
      type: [Order],
      description: 'The user’s orders, newest first. Empty if there is no such user.',
    }),
  }),
});

builder.queryField('ordersForUser', (t) =>
  guarded(t, {
    action: 'order.list',
    type: OrdersForUser,
    description: 'The orders of an end user.',
    args: { input: t.arg(whoseOrders) },
    verb: async (permit, args) => ({
      orders: await underInput(() => ordersForUser(permit, args.input)),
    }),
  }),
);

const orderAsItIs = (t: FieldBuilder<{ order?: OrderFact }>): FieldMap => ({
  order: t.expose('order', {
    type: Order,
    nullable: true,
    description: 'The order as it is now.',
  }),
});

mutation('addOrder', {
  action: 'order.add',
  description: 'Places an order for a user.',
  input: input('The order.', (t) => ({
    userIdentifier: t.field(namesUser('For whom.')),
    orderId: t.string({
      description:
        'Your id for the order, 1 to 64 characters, unique among your orders. Repeating it ' +
        'for the same user returns the same order. Left out: we choose one, and each call ' +
        'places a new order.',
    }),
  })),
  verb: addOrder,
  payload: orderAsItIs,
});

mutation('cancelOrder', {
  action: 'order.cancel',
  description: 'Cancels an order that was not shipped yet.',
  input: input('Which order.', (t) => ({
    orderId: t.string({ required: true, description: 'The order to cancel.' }),
  })),
  verb: cancelOrder,
  payload: orderAsItIs,
});

mutation('updateOrder', {
  action: 'order.update',
  tenant: 'intermediaryId',
  description:
    'Operator: moves an order on. Repeating the same status and values succeeds and changes ' +
    'nothing.',
  input: input('Which, and where to.', (t) => ({
    intermediaryId: t.id({ required: true, description: 'Whose order it is.' }),
    orderId: t.string({ required: true, description: 'The order.' }),
    orderStatus: t.field({
      type: OrderStatus,
      required: true,
      description:
        'The new status: PLACED, PROCESSING, SHIPPED, DELIVERED in this order; CANCELLED ' +
        'before shipping, RETURNED after.',
    }),
    deviceId: t.string({
      description:
        'The device, of the intermediary or from stock. It is then assigned. Required with ' +
        'SHIPPED, and not allowed otherwise. A device with which another order is SHIPPED is ' +
        'refused.',
    }),
    trackingLink: t.string({
      description: 'An http or https link. Required with SHIPPED, and not allowed otherwise.',
    }),
  })),
  verb: updateOrder,
  payload: orderAsItIs,
});
