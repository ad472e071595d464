/** Webhooks, as the GraphQL API tells them. */

import { graphql } from './graphql.ts';
import { type KeyName, MAKER, type Maker } from './makers.ts';

export interface Delivery {
  eventId: string;
  at: string;
  status: number | null;
  durationMs: number;
}

export interface Webhook {
  id: string;
  url: string;
  description: string | null;
  types: string[];
  enabled: boolean;
  disabledReason: string | null;
  missedUntil: string | null;
  pending: number;
  createdAt: string;
  lastDelivery: Delivery | null;
}

export interface WebhookInFull extends Webhook {
  deliveries: Delivery[];
  madeBy: Maker | null;
  /** The keys that may have made it. */
  keys: KeyName[];
}

const DELIVERY = 'eventId at status durationMs';

const WEBHOOK = `id url description types enabled disabledReason missedUntil pending createdAt
  lastDelivery { ${DELIVERY} }`;

export async function readWebhooks(signal: AbortSignal): Promise<Webhook[]> {
  const query = `{ webhooks { ${WEBHOOK} } }`;
  return (await graphql<{ webhooks: Webhook[] }>(query, {}, signal)).webhooks;
}

const FULL = `{
  webhooks { ${WEBHOOK} ${MAKER} deliveries(first: 20) { ${DELIVERY} } }
  apiKeys { id name }
}`;

/** Null: there is no such webhook. There are at most ten, and no way to ask for one. */
export async function readWebhook(id: string, signal: AbortSignal): Promise<WebhookInFull | null> {
  const { webhooks, apiKeys: keys } = await graphql<{
    webhooks: Omit<WebhookInFull, 'keys'>[];
    apiKeys: KeyName[];
  }>(FULL, {}, signal);
  const webhook = webhooks.find((one) => one.id === id);
  return webhook ? { ...webhook, keys } : null;
}
