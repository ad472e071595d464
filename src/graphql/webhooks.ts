/** Webhooks: what is asked and done about them. */
import type { FieldMap } from '@pothos/core';
import { DAY_SECONDS } from '../base/time.ts';
import { MAX_TYPES } from '../domain/audit/types.ts';
import { addWebhook } from '../domain/webhooks/add.ts';
import { listWebhooks } from '../domain/webhooks/list.ts';
import { removeWebhook } from '../domain/webhooks/remove.ts';
import { replayWebhook } from '../domain/webhooks/replay.ts';
import { rotateWebhookSecret } from '../domain/webhooks/rotate.ts';
import { testWebhook } from '../domain/webhooks/test.ts';
import { updateWebhook } from '../domain/webhooks/update.ts';
import { MAX_WEBHOOKS, type Webhook as WebhookFact } from '../domain/webhooks/webhook.ts';
import { builder, type FieldBuilder } from './builder.ts';
import { maxItems } from './cost.ts';
import { guarded } from './guarded.ts';
import { mutation } from './mutation.ts';
import { input } from './payload.ts';
import { Webhook, WebhookDelivery } from './webhook.ts';

builder.queryField('webhooks', (t) =>
  guarded(t, {
    action: 'webhook.list',
    type: [Webhook],
    extensions: maxItems(MAX_WEBHOOKS),
    description: `Your webhooks, newest first: at most ${MAX_WEBHOOKS}.`,
    verb: listWebhooks,
  }),
);

const changed =
  (description: string) =>
  (t: FieldBuilder<{ webhook?: WebhookFact }>): FieldMap => ({
    webhook: t.expose('webhook', { type: Webhook, nullable: true, description }),
  });

const withSecret = (t: FieldBuilder<{ webhook?: WebhookFact; secret?: string }>): FieldMap => ({
  ...changed('The webhook.')(t),
  secret: t.exposeString('secret', {
    nullable: true,
    description: 'The secret that verifies signatures: `whsec_` and base64. It is shown only once.',
  }),
});

const URL_RULES =
  'An `https` URL with a name, on port 443 or one above 1023, without user or fragment.';
const TYPES = `Which events: actions, or all of a noun as in \`order.*\`, up to ${MAX_TYPES}`;

mutation('addWebhook', {
  action: 'webhook.add',
  description: `Adds a webhook at each call, ${MAX_WEBHOOKS} at most. It gets later events.`,
  input: input('Where, and what.', (t) => ({
    url: t.string({ required: true, description: URL_RULES }),
    types: t.stringList({ description: `${TYPES}; all if left out or empty.` }),
    description: t.string({ description: 'For people: 1 to 500 characters.' }),
  })),
  verb: addWebhook,
  payload: withSecret,
});

mutation('updateWebhook', {
  action: 'webhook.update',
  description:
    'Changes a webhook. Enabled again, it goes on where it stopped, and tries what failed at once.',
  input: input('Which one, and what.', (t) => ({
    id: t.id({ required: true, description: 'Which webhook.' }),
    url: t.string({ description: `${URL_RULES} Left out: it stays.` }),
    types: t.stringList({ description: `${TYPES}; all if empty. Left out: they stay.` }),
    description: t.string({ description: 'Null: none. Left out: it stays.' }),
    enabled: t.boolean({ description: 'Whether events are sent. Left out: it stays.' }),
  })),
  verb: updateWebhook,
  payload: changed('The webhook as it is now.'),
});

mutation('rotateWebhookSecret', {
  action: 'webhook.rotate',
  description: 'Gives a webhook a new secret at each call. In the grace period both secrets sign.',
  input: input('Which one.', (t) => ({
    id: t.id({ required: true, description: 'Which webhook.' }),
    graceSeconds: t.int({
      required: true,
      defaultValue: DAY_SECONDS,
      description: 'How long the secret before signs as well, from 0 to 604800 (7 days).',
    }),
  })),
  verb: rotateWebhookSecret,
  payload: withSecret,
});

mutation('replayWebhook', {
  action: 'webhook.replay',
  description: 'Sends events again, in their order. A disabled webhook is enabled by it.',
  input: input('Which one, and from where.', (t) => ({
    id: t.id({ required: true, description: 'Which webhook.' }),
    after: t.string({
      description:
        'A cursor of `GET /events`: sends the events after it. Null: all. Absent: goes on.',
    }),
  })),
  verb: replayWebhook,
  payload: changed('The webhook as it is now.'),
});

mutation('testWebhook', {
  action: 'webhook.test',
  description:
    'Sends a `webhook.test` event now and waits up to 15 s. It succeeds whatever the answer is.',
  input: input('Which one.', (t) => ({
    id: t.id({ required: true, description: 'Which webhook; it may be disabled.' }),
  })),
  verb: testWebhook,
  payload: (t) => ({
    ...changed('The webhook.')(t),
    delivery: t.expose('delivery', {
      type: WebhookDelivery,
      nullable: true,
      description: 'How the receiver answered.',
    }),
  }),
});

mutation('removeWebhook', {
  action: 'webhook.remove',
  description: 'Removes a webhook: nothing more is sent to it.',
  input: input('Which one.', (t) => ({
    id: t.id({ required: true, description: 'The webhook to remove.' }),
  })),
  verb: removeWebhook,
  payload: () => ({}),
});
