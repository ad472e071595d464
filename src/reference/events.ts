/** The feed of events, and the webhooks that carry the same objects: a model for each type. */
import { ACTIONS, type AuditAction, EVENTS, type Subject } from '../db/events.ts';
import { MAX_DEVICES } from '../domain/devices/device.ts';
import { MAX_EVENTS, USUAL_EVENTS } from '../domain/events/feed.ts';
import { MAX_STATIONS } from '../domain/members/member.ts';
import { MAX_SESSIONS } from '../domain/sessions/open.ts';
import { rules } from '../policy/rules.ts';
import { responseOf } from './refusals.ts';
import { headers, refToRefusal } from './responses.ts';
import { type Json, refTo } from './schema.ts';

const tags = ['Events'];

const text = { type: 'string' };
const time = { ...text, format: 'date-time' };
const id = (description: string): Json => ({ ...text, pattern: '^[1-9][0-9]{0,15}$', description });
/** Of what has no number: a session, a key. */
const publicId = (description: string): Json => ({
  ...text,
  pattern: '^[0-9A-Za-z]{16}$',
  description,
});
const listOf = (items: Json, maxItems: number, description: string): Json => ({
  type: 'array',
  items,
  maxItems,
  description,
});

/** What each fact of an event looks like: closed words, ids, counts and times. */
const FACTS = {
  deviceIds: listOf(
    { ...text, pattern: '^[0-9A-Za-z]{8}$' },
    MAX_DEVICES,
    'The devices concerned.',
  ),
  permission: {
    ...text,
    enum: ['VIEW', 'CHARGE'],
    description: 'The kind of permission that was granted or withdrawn.',
  },
  expiresAt: {
    type: ['string', 'null'],
    format: 'date-time',
    description: 'The end that was given to the permission; null: it has none.',
  },
  orderId: { ...text, minLength: 1, maxLength: 64, description: 'The order concerned.' },
  orderStatus: {
    ...text,
    enum: ['PLACED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'RETURNED'],
    description: 'Where the order moved.',
  },
  sessionIds: listOf(publicId('Of a session.'), MAX_SESSIONS, 'The sessions concerned.'),
  apiKeyId: publicId('The API key concerned; of a rotation, the successor.'),
  replacedApiKeyId: publicId('Of a rotation, the API key that was replaced.'),
  suspended: { type: 'boolean', description: 'Whether the user is suspended since.' },
  externalIdChanged: { type: 'boolean', description: 'Whether its externalId is another since.' },
  projectId: id('The project concerned.'),
  stationIds: listOf(
    id('Of a station.'),
    MAX_STATIONS,
    'The stations concerned; of a changed user, those assigned afterwards.',
  ),
  sensorId: id('The sensor concerned; of a channel, the one that it is of.'),
  channelId: id('The channel concerned.'),
  webhookId: publicId('The webhook concerned.'),
  fields: listOf(
    { ...text, pattern: '^[A-Za-z_.]{1,40}$' },
    50,
    'The names of the fields that were sent. It may be absent.',
  ),
  count: {
    type: 'integer',
    minimum: 1,
    description: 'How often signing in as this user failed since the event of it before.',
  },
} satisfies Record<keyof Subject, Json>;

const actor: Json = {
  type: 'object',
  description: 'Who did it.',
  required: ['kind', 'credentialId', 'userId'],
  additionalProperties: false,
  properties: {
    kind: {
      ...text,
      enum: ['OPERATOR', 'API_KEY', 'MEMBER', 'END_USER', 'SYSTEM'],
      description: 'The kind of credential. `SYSTEM`: it ended by itself.',
    },
    credentialId: {
      type: ['string', 'null'],
      pattern: '^[0-9A-Za-z]{16}$',
      description: 'The public id of the API key or session.',
    },
    userId: {
      type: ['string', 'null'],
      pattern: '^[1-9][0-9]{0,15}$',
      description: 'Whose session it was.',
    },
  },
};

const ALWAYS = {
  intermediaryId: id('Your company.'),
  actor: refTo('EventActor'),
  requestId: { ...text, description: 'The request that did it, as its `X-Request-Id` said.' },
};
const userId = id('The user concerned.');

/** Nouns whose events are all about one user each. */
const OF_A_USER = /^(permission|session|order|member)\.|^user\.(?!export)/;

const capitalised = (word: string): string => word.replace(/^./, (first) => first.toUpperCase());

/** `permission.add`: PermissionAddEvent. */
const modelName = (action: AuditAction): string =>
  `${action.split('.').map(capitalised).join('')}Event`;

/** What happened, as a sentence. */
const MEANINGS = {
  'user.add': 'A user was added.',
  'user.update': 'A user was suspended or let in again, or has another externalId.',
  'user.remove': 'A user was removed, with all permissions and sessions.',
  'user.export': 'The users were exported.',
  'permission.add': 'Permissions were granted, or have another end.',
  'permission.remove': 'Permissions were withdrawn.',
  'permission.removeAll': 'All permissions on a device were withdrawn.',
  'permission.end': 'Permissions ran out.',
  'session.add': 'A session was opened.',
  'session.remove': 'A session was ended.',
  'session.removeAll': 'All sessions of a user were ended.',
  'session.removeOwn': 'A user signed out.',
  'session.expire': 'Sessions ran out.',
  'order.add': 'An order was placed.',
  'order.cancel': 'An order was cancelled.',
  'order.update': 'An order moved, or has another device or tracking link.',
  'device.add': 'Devices were assigned to you.',
  'device.remove': 'Devices are yours no more.',
  'apiKey.add': 'An API key was made.',
  'apiKey.rotate': 'An API key was replaced.',
  'apiKey.remove': 'An API key was removed.',
  'intermediary.add': 'Your company was added.',
  'intermediary.update': 'Your company has another name, or other limits.',
  'intermediary.remove': 'Your company was removed.',
  'member.add': 'A member was added.',
  'member.update': 'A member was changed.',
  'member.updateOwn': 'A member changed its own settings.',
  'member.remove': 'A member was removed.',
  'member.resetPassword': 'A reset token was made for a member.',
  'member.setPassword': 'A member set a password.',
  'member.signInFailed': 'Somebody failed to sign in as a member.',
  'project.add': 'A project was added.',
  'project.update': 'A project was changed.',
  'project.remove': 'A project was removed.',
  'station.add': 'A station was added.',
  'station.update': 'A station was changed.',
  'station.remove': 'A station was removed.',
  'sensor.add': 'A sensor was added.',
  'sensor.update': 'A sensor was changed.',
  'sensor.remove': 'A sensor was removed.',
  'channel.add': 'A channel was added.',
  'channel.update': 'A channel was changed.',
  'channel.remove': 'A channel was removed.',
  'webhook.add': 'A webhook was added.',
  'webhook.update': 'A webhook was changed, enabled or disabled.',
  'webhook.rotate': 'A webhook has another secret.',
  'webhook.replay': 'Events are sent to a webhook again.',
  'webhook.disable': 'A webhook was disabled: it failed, or what it depends on is gone.',
  'webhook.remove': 'A webhook was removed.',
} as const satisfies Record<AuditAction, string>;

function modelOf(action: AuditAction): Json {
  const about = OF_A_USER.test(action) ? { userId } : {};
  const facts = Object.fromEntries(EVENTS[action].map((name) => [name, FACTS[name]]));
  const properties: Json = { ...ALWAYS, ...about, ...facts };
  return {
    type: 'object',
    description: MEANINGS[action],
    required: ['id', 'type', 'timestamp', 'data'],
    additionalProperties: false,
    properties: {
      id: id('Never used again. Greater than those of events that were committed before.'),
      type: { ...text, const: action },
      timestamp: { ...time, description: 'When it was committed.' },
      data: {
        type: 'object',
        required: Object.keys(properties).filter((name) => name !== 'fields'),
        additionalProperties: false,
        properties,
      },
    },
  };
}

const anyEvent: Json = {
  description: 'That something was changed. It names things by public ids alone.',
  oneOf: ACTIONS.map((action) => refTo(modelName(action))),
  discriminator: {
    propertyName: 'type',
    mapping: Object.fromEntries(
      ACTIONS.map((action) => [action, `#/components/schemas/${modelName(action)}`]),
    ),
  },
};

const next = { ...text, description: 'A cursor: where to go on, now or later.' };

const gone: Json = {
  type: 'object',
  required: ['errors', 'message', 'next'],
  properties: {
    errors: { type: 'boolean', const: true },
    message: { type: 'object', description: 'As of other refusals.' },
    next: { ...next, description: 'Leads to the oldest events that are kept.' },
  },
};

export const eventModels: Json = {
  ...Object.fromEntries(ACTIONS.map((action) => [modelName(action), modelOf(action)])),
  Event: anyEvent,
  EventActor: actor,
  EventPage: {
    type: 'object',
    required: ['events', 'next'],
    properties: {
      events: {
        type: 'array',
        items: refTo('Event'),
        maxItems: MAX_EVENTS,
        description: 'Oldest first. It may hold fewer than `limit`, and is empty at the end.',
      },
      next,
    },
  },
  EventsGone: gone,
};

const example = {
  id: '1833482496000001',
  type: 'permission.add',
  timestamp: '2026-11-26T09:30:00.000Z',
  data: {
    intermediaryId: '1016089423381460',
    userId: '452773855875688',
    permission: 'CHARGE',
    deviceIds: ['ACME4711'],
    expiresAt: null,
    actor: { kind: 'API_KEY', credentialId: 'k3T9cQ2vLx0aPz7R', userId: null },
    requestId: '6f1c8f3e-3a52-4a4e-9d5e-0b8a3f0f6c11',
  },
};
const cursor = 'WyJtYXJrIiwxODMzNDgyNDk2MDAwMDAxXQ';

const parameter = (name: string, description: string, schema: Json, more: Json = {}): Json => ({
  ...{ name, in: 'query', description, schema },
  ...more,
});

const scopes = rules['audit.list'].key.map((scope) => `\`${scope}\``).join(', ');

export const eventPaths = {
  '/events': {
    get: {
      tags,
      operationId: 'readEvents',
      summary: 'Read events',
      description: `What was changed, in the order in which it was committed: whoever goes on behind \`next\` misses nothing. For API keys with ${scopes}.`,
      parameters: [
        parameter(
          'after',
          'Goes on behind this cursor, a `next` of before; `latest`: behind the last event that there is. Left out: from the oldest that is kept.',
          text,
        ),
        parameter('limit', 'How many at most.', {
          type: 'integer',
          minimum: 1,
          maximum: MAX_EVENTS,
          default: USUAL_EVENTS,
        }),
        parameter(
          'actions',
          'Only of these types, or of all of a noun, as in `order.*`.',
          { type: 'array', items: text },
          { style: 'form', explode: false, example: ['permission.add', 'order.*'] },
        ),
      ],
      responses: {
        200: {
          description: 'The events. None: there is nothing new.',
          headers,
          content: {
            'application/json': {
              schema: refTo('EventPage'),
              example: { events: [example], next: cursor },
            },
          },
        },
        400: responseOf(400, 'The query string is not UTF-8.'),
        401: refToRefusal(401),
        403: refToRefusal(403),
        410: {
          description: 'Events that came behind the cursor are not kept any more.',
          headers,
          content: {
            'application/json': {
              schema: refTo('EventsGone'),
              example: {
                errors: true,
                message: { errors: { after: 'Events behind this cursor are not kept any more.' } },
                next: cursor,
              },
            },
          },
        },
        422: refToRefusal(422),
        429: refToRefusal(429),
        503: refToRefusal(503),
      },
    },
  },
} satisfies Record<string, Json>;

const header = (name: string, description: string): Json => ({
  ...{ name, in: 'header', required: true, description, schema: text },
});

const signed = [
  header('webhook-id', 'The id of the event: the same at each attempt.'),
  header('webhook-timestamp', 'Of the attempt, in seconds since 1970.'),
  header(
    'webhook-signature',
    '`v1,` and a signature, as Standard Webhooks has it; several, with a blank between them, while a secret is being replaced.',
  ),
];

/** What a webhook's receiver is sent, by type. */
export const webhooks: Json = Object.fromEntries(
  ACTIONS.map((action) => [
    action,
    {
      post: {
        tags,
        operationId: `receive${modelName(action)}`,
        summary: MEANINGS[action],
        description: 'Verify the signature before you believe anything of it.',
        security: [],
        parameters: signed,
        requestBody: {
          required: true,
          content: { 'application/json': { schema: refTo(modelName(action)) } },
        },
        responses: {
          '2XX': { description: 'The event is taken.' },
          410: { description: 'The webhook is disabled.' },
          default: { description: 'It is sent again later.' },
        },
      },
    },
  ]),
);
