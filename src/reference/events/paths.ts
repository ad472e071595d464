/** The feed of events, and the webhooks that carry the same objects. */
import { ACTIONS } from '../../db/events.ts';
import { MAX_EVENTS, USUAL_EVENTS } from '../../domain/audit/feed.ts';
import { rules } from '../../policy/rules.ts';
import { responseOf } from '../refusals.ts';
import { headers, refToRefusal } from '../responses.ts';
import { type Json, refTo } from '../schema.ts';
import { text } from './facts.ts';
import { MEANINGS } from './meanings.ts';
import { modelName, TEST } from './models.ts';

const tags = ['Events'];

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
      description:
        'The events in the order of their commits. A reader that continues with `next` misses ' +
        `none. For API keys with ${scopes}, and members of level 1.`,
      parameters: [
        parameter(
          'after',
          'A `next` from before: the events after it. `latest`: only new ones. Absent: all.',
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
          'Only these types, or all types of a noun, as in `order.*`.',
          { type: 'array', items: text },
          { style: 'form', explode: false, example: ['permission.add', 'order.*'] },
        ),
      ],
      responses: {
        200: {
          description: 'The events. An empty list: nothing is new.',
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
          description: 'Events after the cursor are no longer kept.',
          headers,
          content: {
            'application/json': {
              schema: refTo('EventsGone'),
              example: {
                errors: true,
                message: { errors: { after: 'Events after this cursor are no longer kept.' } },
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
    '`v1,` and a signature. Several, with a blank between, while a secret is being replaced.',
  ),
];

/** That a receiver is sent an event of this model. */
const receiving = (model: string, summary: string): Json => ({
  post: {
    tags,
    operationId: `receive${model}`,
    summary,
    description: 'Verify the signature first.',
    security: [],
    parameters: signed,
    requestBody: {
      required: true,
      content: { 'application/json': { schema: refTo(model) } },
    },
    responses: {
      '2XX': { description: 'The event is taken.' },
      410: { description: 'The webhook is disabled.' },
      default: { description: 'It is sent again later.' },
    },
  },
});

/** What a webhook's receiver is sent, by type. */
export const webhooks: Json = {
  ...Object.fromEntries(
    ACTIONS.map((action) => [action, receiving(modelName(action), MEANINGS[action])]),
  ),
  [TEST.type]: receiving(TEST.model, 'A test.'),
};
