/** A model for each type of event. */
import { ACTIONS, type AuditAction, EVENTS } from '../../db/events.ts';
import { MAX_EVENTS } from '../../domain/audit/feed.ts';
import { type Json, refTo } from '../schema.ts';
import { actor, FACTS, id, text, time } from './facts.ts';
import { MEANINGS } from './meanings.ts';

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
export const modelName = (action: AuditAction): string =>
  `${action.split('.').map(capitalised).join('')}Event`;

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

/** What `testWebhook` sends: no change, and in no feed. */
export const TEST = { type: 'webhook.test', model: 'WebhookTestEvent' };

const testEvent: Json = {
  type: 'object',
  description: 'A test, which `testWebhook` sent.',
  required: ['id', 'type', 'timestamp', 'data'],
  additionalProperties: false,
  properties: {
    id: { ...text, description: 'No event has it.' },
    type: { ...text, const: TEST.type },
    timestamp: { ...time, description: 'When it was asked for.' },
    data: {
      type: 'object',
      required: ['intermediaryId', 'webhookId'],
      additionalProperties: false,
      properties: { intermediaryId: ALWAYS.intermediaryId, webhookId: FACTS.webhookId },
    },
  },
};

export const eventModels: Json = {
  ...Object.fromEntries(ACTIONS.map((action) => [modelName(action), modelOf(action)])),
  [TEST.model]: testEvent,
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
