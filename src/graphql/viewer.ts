/** What a user's own app sees, with a session's access token. */
import { MAX_ORDERS } from '../domain/orders/add.ts';
import { ordersOfUser } from '../domain/orders/list.ts';
import { devicesOfUser } from '../domain/permissions/list.ts';
import { stationsOfViewer } from '../domain/stations/find.ts';
import { type Viewer as ViewerFact, view, viewersSession, viewersUser } from '../domain/viewer.ts';
import { action, builder, FOR_CACHES, permit } from './builder.ts';
import { pageArgs } from './connection.ts';
import { holds } from './cost.ts';
import { Order } from './orders.ts';
import { PermittedDeviceConnection } from './permissions.ts';
import { Session } from './sessions.ts';
import { StationConnection } from './stations.ts';
import { User } from './user.ts';

const Viewer = builder.objectRef<ViewerFact>('Viewer').implement({
  description: 'The user whose session is asking.',
  fields: (t) => ({
    id: t.id({
      description: FOR_CACHES,
      resolve: ({ userId }) => `viewer.${userId}`,
    }),
    user: t.field({
      type: User,
      description: 'Who that is. What needs a scope is for API keys: ask the viewer itself for it.',
      resolve: (viewer, _, context) => viewersUser(permit(context, 'viewer.read'), viewer),
    }),
    session: t.field({
      type: Session,
      description: 'The session that is asking.',
      resolve: (viewer, _, context) => viewersSession(permit(context, 'viewer.read'), viewer),
    }),
    devices: t.field({
      type: PermittedDeviceConnection,
      description: 'The devices on which the user may do something, by deviceId.',
      extensions: action('viewer.list'),
      args: pageArgs,
      resolve: ({ userId }, args, context) =>
        devicesOfUser(permit(context, 'viewer.list'), userId, args),
    }),
    stations: t.field({
      type: StationConnection,
      description:
        'The stations that the user sees, by id: members of level 1, all of the company.',
      args: pageArgs,
      resolve: (_, args, context) => stationsOfViewer(permit(context, 'viewer.read'), args),
    }),
    orders: t.field({
      extensions: { ...action('viewer.list'), ...holds(MAX_ORDERS) },
      type: [Order],
      description: 'The user’s orders, newest first.',
      resolve: ({ userId }, _, context) => ordersOfUser(permit(context, 'viewer.list'), userId),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    description: 'What the asking session’s user may see. Asking is activity of the session.',
    extensions: action('viewer.read'),
    resolve: (_, __, context) => view(permit(context, 'viewer.read')),
  }),
);
