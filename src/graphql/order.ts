/** The type of an order. */
import type { Order as OrderFact } from '../domain/orders/order.ts';
import { userById } from '../domain/users/find.ts';
import { builder, FOR_CACHES } from './builder.ts';
import { guarded } from './guarded.ts';
import { whose } from './intermediary.ts';
import { User } from './user.ts';

export const OrderStatus = builder.enumType('OrderStatus', {
  description: 'How far an order is. It moves forward only.',
  values: {
    PLACED: { description: 'It was placed.' },
    PROCESSING: { description: 'It is being made ready.' },
    SHIPPED: { description: 'It is under way: the device and the tracking link are known.' },
    DELIVERED: { description: 'It has arrived.' },
    CANCELLED: { description: 'It was cancelled before it was shipped.' },
    RETURNED: {
      description:
        'It came back after it was shipped. The intermediary keeps the device until ' +
        '`removeDevices` takes it into stock.',
    },
  } as const,
});

export const Order = builder.objectRef<OrderFact>('Order').implement({
  description: 'A device on its way to a user.',
  fields: (t) => ({
    id: t.id({
      description: FOR_CACHES,
      resolve: ({ tenantId, orderId }) => `order.${tenantId}.${orderId}`,
    }),
    orderId: t.exposeString('orderId', { description: 'Unique within the intermediary.' }),
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
    intermediary: whose(t, 'Whose order it is. For API keys and the operator.'),
    user: guarded(t, {
      action: 'user.read',
      type: User,
      nullable: true,
      description:
        'The user who gets it. Null if the user was removed. For API keys with the scope ' +
        '`users:read`.',
      verb: (permit, _, { userId }) => (userId === null ? null : userById(permit, userId)),
    }),
  }),
});
