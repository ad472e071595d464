/** The types of a webhook, and of what was sent to it. */
import { MAX_TYPES } from '../domain/audit/types.ts';
import { deliveriesOf } from '../domain/webhooks/list.ts';
import {
  type Delivery,
  DISABLED,
  KEPT_DELIVERIES,
  MAX_PENDING,
  type Webhook as WebhookFact,
} from '../domain/webhooks/webhook.ts';
import { builder } from './builder.ts';
import { maxItems } from './cost.ts';
import { guarded } from './guarded.ts';
import { madeBy } from './made-by.ts';

export const WebhookDelivery = builder.objectRef<Delivery>('WebhookDelivery').implement({
  description: 'That an event was sent, once.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When it was sent.' }),
    eventId: t.exposeID('eventId', {
      description: 'Which event: its `id`. Of a test, an id that no event has.',
    }),
    status: t.exposeInt('status', {
      nullable: true,
      description: 'The HTTP status of the answer; null: there was none within 15 seconds.',
    }),
    durationMs: t.exposeInt('durationMs', {
      description: 'How long the receiver took, in milliseconds.',
    }),
  }),
});

export const Webhook = builder.objectRef<WebhookFact>('Webhook').implement({
  description: 'Where events are sent, in the order in which they were committed.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Names the webhook; not secret.' }),
    url: t.exposeString('url', { description: 'Where events are sent.' }),
    types: t.exposeStringList('types', {
      extensions: maxItems(MAX_TYPES),
      description: 'Actions, or all of a noun as in `order.*`; empty: all events.',
    }),
    description: t.exposeString('description', { nullable: true, description: 'For people.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    enabled: t.exposeBoolean('enabled', { description: 'Whether events are sent.' }),
    disabledReason: t.string({
      nullable: true,
      description: 'Why not, and what to do; null where it is enabled.',
      resolve: ({ disabled }) => disabled && DISABLED[disabled],
    }),
    lastDelivery: t.expose('lastDelivery', {
      type: WebhookDelivery,
      nullable: true,
      description: 'What was sent last; null: nothing yet.',
    }),
    pending: t.exposeInt('pending', {
      description: `How many events wait for it; ${MAX_PENDING} stands for so many or more.`,
    }),
    missedUntil: t.expose('missedUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Events before this time were erased before they were taken. Null: none were.',
    }),
    madeBy: madeBy(t),
    deliveries: guarded(t, {
      action: 'webhook.list',
      type: [WebhookDelivery],
      description: 'What was sent last, the most recent first.',
      args: {
        first: t.arg.int({
          required: true,
          description: `How many to give at most, from 1 to ${KEPT_DELIVERIES}.`,
        }),
      },
      verb: (permit, page, webhook) => deliveriesOf(permit, webhook, page),
    }),
  }),
});
