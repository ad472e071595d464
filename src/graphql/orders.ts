/** Orders: placed and cancelled by the tenant, moved on by the operator. */
import { addOrder, MAX_ORDERS } from '../domain/orders/add.ts';
import { ordersForUser } from '../domain/orders/list.ts';
import { cancelOrder, updateOrder } from '../domain/orders/move.ts';
import type { Order as OrderFact } from '../domain/orders/order.ts';
import { action, builder, FOR_CACHES, permit } from './builder.ts';
import { holds } from './cost.ts';
import { UserIdentifierInput } from './identifiers.ts';
import { outcome, payload, underInput } from './payload.ts';

export const OrderStatus = builder.enumType('OrderStatus', {
  description: 'How far an order is. It moves forward only.',
  values: {
    PLACED: { description: 'It was placed.' },
    PROCESSING: { description: 'It is being made ready.' },
    SHIPPED: { description: 'It is under way: the device and the tracking link are known.' },
    DELIVERED: { description: 'It has arrived.' },
    CANCELLED: { description: 'It was cancelled before it was shipped.' },
    RETURNED: { description: 'It came back after it was shipped.' },
  } as const,
});

export const Order = builder.objectRef<OrderFact>('Order').implement({
  description: 'A device on its way to a user.',
  fields: (t) => ({
    id: t.id({
      description: FOR_CACHES,
      resolve: ({ tenantId, orderId }) => `order.${tenantId}.${orderId}`,
    }),
    orderId: t.exposeString('orderId', { description: 'Unique with you.' }),
    orderStatus: t.expose('orderStatus', { type: OrderStatus, description: 'How far it is.' }),
    deviceId: t.exposeString('deviceId', {
      nullable: true,
      description: 'The device that was shipped; null before that.',
    }),
    trackingLink: t.exposeString('trackingLink', {
      nullable: true,
      description: 'Where to follow the parcel; null before it was shipped.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was placed.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last moved.' }),
  }),
});

const OrdersForUserInput = builder.inputType('OrdersForUserInput', {
  description: 'The input of `ordersForUser`.',
  fields: (t) => ({
    externalUserId: t.string({ required: true, description: 'Your id for the end user.' }),
  }),
});

const OrdersForUser = builder.objectRef<{ orders: OrderFact[] }>('OrdersForUser').implement({
  description: 'What `ordersForUser` found.',
  fields: (t) => ({
    orders: t.expose('orders', {
      extensions: holds(MAX_ORDERS),
      type: [Order],
      description: 'The user’s orders, newest first; empty when there is no such user.',
    }),
  }),
});

builder.queryField('ordersForUser', (t) =>
  t.field({
    type: OrdersForUser,
    description: 'The orders of an end user.',
    extensions: action('order.list'),
    args: {
      input: t.arg({ type: OrdersForUserInput, required: true, description: 'Whose orders.' }),
    },
    resolve: async (_, { input }, context) => ({
      orders: await underInput(() => ordersForUser(permit(context, 'order.list'), input)),
    }),
  }),
);

const AddOrderInput = builder.inputType('AddOrderInput', {
  description: 'The input of `addOrder`.',
  fields: (t) => ({
    userIdentifier: t.field({
      type: UserIdentifierInput,
      required: true,
      description: 'For whom.',
    }),
    orderId: t.string({
      description:
        'Your id for the order, 1 to 64 characters, unique with you; repeated for the same user it gives the same order. Left out: we choose one, and each call places a new order.',
    }),
  }),
});

const CancelOrderInput = builder.inputType('CancelOrderInput', {
  description: 'The input of `cancelOrder`.',
  fields: (t) => ({
    orderId: t.string({ required: true, description: 'The order to cancel.' }),
  }),
});

const UpdateOrderInput = builder.inputType('UpdateOrderInput', {
  description: 'The input of `updateOrder`.',
  fields: (t) => ({
    intermediaryId: t.id({ required: true, description: 'Whose order it is.' }),
    orderId: t.string({ required: true, description: 'The order.' }),
    orderStatus: t.field({
      type: OrderStatus,
      required: true,
      description:
        'Where it moves: PLACED, PROCESSING, SHIPPED, DELIVERED in this order; CANCELLED before shipping, RETURNED after.',
    }),
    deviceId: t.string({
      description:
        'Required with SHIPPED, and only then given: the device, of the intermediary or from stock. It is then assigned.',
    }),
    trackingLink: t.string({
      description: 'Required with SHIPPED, and only then given: an http or https link.',
    }),
  }),
});

const orderPayload = (mutation: string) =>
  payload<{ order: OrderFact }>(mutation, (t) => ({
    order: t.field({
      type: Order,
      nullable: true,
      description: 'The order as it is now.',
      resolve: ({ facts }) => facts?.order,
    }),
  }));

const AddOrderPayload = orderPayload('addOrder');
const CancelOrderPayload = orderPayload('cancelOrder');
const UpdateOrderPayload = orderPayload('updateOrder');

builder.mutationFields((t) => ({
  addOrder: t.field({
    type: AddOrderPayload,
    nullable: true,
    description: 'Places an order for a user.',
    extensions: action('order.add'),
    args: { input: t.arg({ type: AddOrderInput, required: true, description: 'The order.' }) },
    resolve: (_, { input }, context) =>
      outcome(() => addOrder(permit(context, 'order.add'), input)),
  }),
  cancelOrder: t.field({
    type: CancelOrderPayload,
    nullable: true,
    description: 'Cancels an order that was not shipped yet.',
    extensions: action('order.cancel'),
    args: {
      input: t.arg({ type: CancelOrderInput, required: true, description: 'Which order.' }),
    },
    resolve: (_, { input }, context) =>
      outcome(() => cancelOrder(permit(context, 'order.cancel'), input)),
  }),
  updateOrder: t.field({
    type: UpdateOrderPayload,
    nullable: true,
    description:
      'Operator: moves an order on. The same status and values again are a success that changes nothing.',
    extensions: action('order.update'),
    args: {
      input: t.arg({ type: UpdateOrderInput, required: true, description: 'Which, and where to.' }),
    },
    resolve: (_, { input: { intermediaryId, ...input } }, context) =>
      outcome(() =>
        updateOrder(
          permit(context, 'order.update', { field: 'intermediaryId', id: intermediaryId }),
          input,
        ),
      ),
  }),
}));
