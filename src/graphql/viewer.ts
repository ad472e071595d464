/** What a user's own app sees with its access token. */
import { MAX_ORDERS } from '../domain/orders/add.ts';
import { ordersOfUser } from '../domain/orders/list.ts';
import { devicesOfUser } from '../domain/permissions/list.ts';
import { sessionsOfViewer } from '../domain/sessions/list.ts';
import { MAX_LIVE } from '../domain/sessions/open.ts';
import {
  type Viewer as ViewerFact,
  view,
  viewersSession,
  viewersUser,
} from '../domain/sessions/viewer.ts';
import { stationsOfViewer } from '../domain/stations/find.ts';
import { tenantById } from '../domain/tenants/tenants.ts';
import { builder, FOR_CACHES } from './builder.ts';
import { pageArgs } from './connection.ts';
import { maxItems } from './cost.ts';
import { guarded } from './guarded.ts';
import { Intermediary } from './intermediary.ts';
import { Order } from './order.ts';
import { PermittedDeviceConnection } from './permissions.ts';
import { Session } from './session.ts';
import { StationConnection } from './stations.ts';
import { User } from './user.ts';

const Viewer = builder.objectRef<ViewerFact>('Viewer').implement({
  description: 'The user whose session is asking.',
  fields: (t) => ({
    id: t.id({
      description: FOR_CACHES,
      resolve: ({ userId }) => `viewer.${userId}`,
    }),
    user: guarded(t, {
      action: 'viewer.read',
      type: User,
      description: 'The user. Fields that need a scope are for API keys: ask the viewer for these.',
      verb: (permit, _, viewer) => viewersUser(permit, viewer),
    }),
    intermediary: guarded(t, {
      action: 'intermediary.tellOwn',
      type: Intermediary,
      nullable: true,
      description: 'The company of a member, of any level. End users may not ask for it.',
      verb: (permit) => tenantById(permit, permit.tenantId),
    }),
    session: guarded(t, {
      action: 'viewer.read',
      type: Session,
      description: 'The session that is asking.',
      verb: (permit, _, viewer) => viewersSession(permit, viewer),
    }),
    sessions: guarded(t, {
      action: 'viewer.read',
      extensions: maxItems(MAX_LIVE),
      type: [Session],
      description: 'All live sessions of the user, the most recently active first.',
      verb: (permit, _, { userId }) => sessionsOfViewer(permit, userId),
    }),
    devices: guarded(t, {
      action: 'viewer.list',
      type: PermittedDeviceConnection,
      description: 'The devices on which the user may do something, by deviceId.',
      args: pageArgs,
      verb: (permit, page, { userId }) => devicesOfUser(permit, userId, page),
    }),
    stations: guarded(t, {
      action: 'viewer.read',
      type: StationConnection,
      description:
        'The stations that the user sees, by id. Members of level 1 see all of the company.',
      args: pageArgs,
      verb: stationsOfViewer,
    }),
    orders: guarded(t, {
      action: 'viewer.list',
      extensions: maxItems(MAX_ORDERS),
      type: [Order],
      description: 'The user’s orders, newest first.',
      verb: (permit, _, { userId }) => ordersOfUser(permit, userId),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  guarded(t, {
    action: 'viewer.read',
    type: Viewer,
    description:
      'What the user of the calling session may see. It counts as activity of the session.',
    verb: view,
  }),
);
