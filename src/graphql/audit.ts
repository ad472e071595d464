/** The audit trail. */
import { type AuditEvent as AuditEventFact, listAuditEvents } from '../domain/audit.ts';
import { action, builder, permit } from './builder.ts';
import { CallerKind } from './caller.ts';
import { connection, pageArgs } from './connection.ts';
import { OrderStatus } from './orders.ts';
import { PermissionKindEnum } from './permissions.ts';

const AuditActor = builder.objectRef<AuditEventFact>('AuditActor').implement({
  description: 'Who did it.',
  fields: (t) => ({
    kind: t.expose('actorKind', { type: CallerKind, description: 'The kind of credential.' }),
    id: t.exposeID('actorId', {
      nullable: true,
      description: 'The public id of the API key or session; null for the operator.',
    }),
  }),
});

const AuditEvent = builder.objectRef<AuditEventFact>('AuditEvent').implement({
  description: 'That something was changed. Users are named by their id only.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Sorts by time.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    actor: t.field({ type: AuditActor, description: 'Who did it.', resolve: (event) => event }),
    action: t.exposeString('action', {
      description: 'What was done: a noun and a verb, such as `permission.add`.',
    }),
    userId: t.id({
      nullable: true,
      description: 'The user concerned, if any.',
      resolve: ({ userId }) => (userId === null ? null : String(userId)),
    }),
    deviceIds: t.stringList({
      extensions: { most: 100 },
      description: 'The devices concerned.',
      resolve: ({ deviceIds }) => deviceIds ?? [],
    }),
    permission: t.expose('permission', {
      type: PermissionKindEnum,
      nullable: true,
      description: 'The kind of permission that was granted or withdrawn.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The end that was given to the permission, if any.',
    }),
    orderId: t.exposeString('orderId', { nullable: true, description: 'The order concerned.' }),
    orderStatus: t.expose('orderStatus', {
      type: OrderStatus,
      nullable: true,
      description: 'Where the order moved.',
    }),
    sessionIds: t.idList({
      extensions: { most: 50 },
      description: 'The sessions that were opened or ended.',
      resolve: ({ sessionIds }) => sessionIds ?? [],
    }),
    apiKeyId: t.exposeID('apiKeyId', {
      nullable: true,
      description: 'The API key that was made or removed; of a rotation, the successor.',
    }),
    replacedApiKeyId: t.exposeID('replacedApiKeyId', {
      nullable: true,
      description: 'Of a rotation, the API key that was replaced.',
    }),
    suspended: t.exposeBoolean('suspended', {
      nullable: true,
      description: 'For a changed user: whether it was suspended afterwards.',
    }),
    externalIdChanged: t.exposeBoolean('externalIdChanged', {
      nullable: true,
      description: 'For a changed user: whether its externalId is another since.',
    }),
    stationIds: t.idList({
      extensions: { most: 100 },
      description: 'The stations concerned; of a changed user, those assigned afterwards.',
      resolve: ({ stationIds }) => stationIds?.map(String) ?? [],
    }),
    projectId: t.id({
      nullable: true,
      description: 'The project concerned.',
      resolve: ({ projectId }) => (projectId === undefined ? null : String(projectId)),
    }),
    fields: t.stringList({
      description: 'Of what changed over REST, the names of the fields that were sent.',
      resolve: ({ fields }) => fields ?? [],
    }),
    count: t.exposeInt('count', {
      nullable: true,
      description:
        'Of `member.signInFailed`: how often signing in as this user failed since the event of it before.',
    }),
    requestId: t.exposeID('requestId', {
      description: 'The request that did it, as its `X-Request-Id` said.',
    }),
  }),
});

const AuditEventConnection = connection('audit events', AuditEvent);

builder.queryField('auditEvents', (t) =>
  t.field({
    type: AuditEventConnection,
    description: 'What was changed, newest first.',
    extensions: action('audit.list'),
    args: {
      ...pageArgs,
      userId: t.arg.id({ description: 'Only what concerned this user; removed ones too.' }),
      from: t.arg({ type: 'DateTime', description: 'Only from this time on.' }),
      to: t.arg({ type: 'DateTime', description: 'Only before this time.' }),
    },
    resolve: (_, args, context) => listAuditEvents(permit(context, 'audit.list'), args),
  }),
);
