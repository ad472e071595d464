/** The audit trail. */
import { ACTIONS, EVENTS } from '../db/events.ts';
import { type AuditEvent as AuditEventFact, listAuditEvents } from '../domain/audit/list.ts';
import { MAX_TYPES } from '../domain/audit/types.ts';
import { MAX_DEVICES } from '../domain/entities/device.ts';
import { MAX_STATIONS } from '../domain/members/member.ts';
import { MAX_LIVE } from '../domain/sessions/open.ts';
import { supportOf } from '../domain/sessions/support.ts';
import { AuditActor, onceUser } from './audit-user.ts';
import { builder, type FieldBuilder } from './builder.ts';
import { connection, pageArgs } from './connection.ts';
import { maxItems } from './cost.ts';
import { guarded } from './guarded.ts';
import { DeviceIdentifierInput } from './identifiers.ts';
import { OrderStatus } from './order.ts';
import { PermissionKindEnum } from './permissions.ts';
import { SupportAccess } from './support.ts';

/** The most field names in one event: more than any type here has. */
const MAX_FIELDS = 50;

/** A line for each action, with the fields of its events. */
const toldByAction = ACTIONS.map(
  (action) => `- \`${action}\`${EVENTS[action].map((name) => ` ${name}`).join()}`,
).join('\n');

/** The subject of an event. The action decides which fields have a value. */
const subjectOf = (t: FieldBuilder<AuditEventFact>) => ({
  deviceIds: t.stringList({
    extensions: maxItems(MAX_DEVICES),
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
    extensions: maxItems(MAX_LIVE),
    description: 'The sessions that were opened or ended.',
    resolve: ({ sessionIds }) => sessionIds ?? [],
  }),
  forSupport: t.exposeBoolean('forSupport', {
    nullable: true,
    description: 'For an opened session: whether it is a support session.',
  }),
  apiKeyId: t.exposeID('apiKeyId', {
    nullable: true,
    description: 'The API key that was made or removed. For a rotation: the new key.',
  }),
  replacedApiKeyId: t.exposeID('replacedApiKeyId', {
    nullable: true,
    description: 'For a rotation: the API key that was replaced.',
  }),
  suspended: t.exposeBoolean('suspended', {
    nullable: true,
    description: 'For a changed user: whether it was suspended afterwards.',
  }),
  externalIdChanged: t.exposeBoolean('externalIdChanged', {
    nullable: true,
    description: 'For a changed user: whether its externalId was changed.',
  }),
  stationIds: t.idList({
    extensions: maxItems(MAX_STATIONS),
    description: 'The stations concerned. For a changed user: those assigned afterwards.',
    resolve: ({ stationIds }) => stationIds?.map(String) ?? [],
  }),
  projectId: t.exposeID('projectId', { nullable: true, description: 'The project concerned.' }),
  sensorId: t.exposeID('sensorId', {
    nullable: true,
    description: 'The sensor concerned. For a channel: its sensor.',
  }),
  channelId: t.exposeID('channelId', { nullable: true, description: 'The channel concerned.' }),
  webhookId: t.exposeID('webhookId', { nullable: true, description: 'The webhook concerned.' }),
  fields: t.stringList({
    extensions: maxItems(MAX_FIELDS),
    description: 'For additions and changes over REST: the names of the fields in the request.',
    resolve: ({ fields }) => fields ?? [],
  }),
  count: t.exposeInt('count', {
    nullable: true,
    description:
      'For `member.signInFailed`: how many sign-ins as this user failed since the last ' +
      'such event.',
  }),
});

const AuditEvent = builder.objectRef<AuditEventFact>('AuditEvent').implement({
  description:
    'The record of a change. It names users by their id only. `GET /events` and webhooks carry ' +
    `the same.\n\nWhat is told of each action, besides the user concerned:\n\n${toldByAction}.`,
  fields: (t) => ({
    id: t.exposeID('number', {
      description: 'Never reused. Greater than the ids of all events committed before.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was committed.' }),
    actor: t.field({ type: AuditActor, description: 'Who did it.', resolve: (event) => event }),
    action: t.exposeString('action', {
      description:
        'What was done: a noun and a verb, such as `permission.add`. The type names all.',
    }),
    userId: t.exposeID('userId', {
      nullable: true,
      description: 'The user concerned, if any.',
    }),
    user: onceUser(t, 'The user concerned, even if removed since.', ({ userId }) => userId ?? null),
    ...subjectOf(t),
    support: guarded(t, {
      action: 'session.list',
      type: SupportAccess,
      nullable: true,
      description:
        'Of one support session: who acted, and why, as long as it is kept. It needs `users:read`.',
      verb: (permit, _, { sessionIds }) => supportOf(permit, sessionIds),
    }),
    requestId: t.exposeID('requestId', {
      description: 'The request that did it, as its `X-Request-Id` said.',
    }),
  }),
});

const AuditEventConnection = connection('audit events', AuditEvent);

const AuditEventOrder = builder.enumType('AuditEventOrder', {
  description: 'The order in which changes were committed, or its reverse.',
  values: {
    NEWEST_FIRST: { description: 'Begins with the last change.' },
    OLDEST_FIRST: {
      description:
        'Begins with the first change. A reader that continues from the last cursor misses none.',
    },
  } as const,
});

builder.queryField('auditEvents', (t) =>
  guarded(t, {
    action: 'audit.list',
    type: AuditEventConnection,
    description:
      'What was changed. A page may hold fewer than `first` events even if another follows: ' +
      'use `pageInfo`.',
    args: {
      ...pageArgs,
      order: t.arg({
        type: AuditEventOrder,
        required: true,
        defaultValue: 'NEWEST_FIRST',
        description: 'The order.',
      }),
      actions: t.arg.stringList({
        description:
          'Only these actions, or all of a noun, as in `order.*`. ' +
          `Up to ${MAX_TYPES}. Left out or empty: all.`,
      }),
      actorUserId: t.arg.id({
        description: 'Only what this user did. It may be a removed user.',
      }),
      deviceIdentifier: t.arg({
        type: DeviceIdentifierInput,
        description:
          'Only what concerned this device. By `deviceId` it may be one that you no longer have.',
      }),
      userId: t.arg.id({ description: 'Only what concerned this user. It may be a removed user.' }),
      from: t.arg({ type: 'DateTime', description: 'Only from this time on.' }),
      to: t.arg({ type: 'DateTime', description: 'Only before this time.' }),
    },
    verb: listAuditEvents,
  }),
);
