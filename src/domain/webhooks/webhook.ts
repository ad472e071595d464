/** The webhook as a fact; its secret is derived, and nowhere but with its receiver. */
import { type SQL, sql } from 'drizzle-orm';
import { type Complaint, Refusal } from '../../base/faults.ts';
import type { Derivation } from '../../base/signer.ts';
import { writeWebhookSecret } from '../../base/standard-webhook.ts';
import { source, wd, wh } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { pendingUpTo } from '../../db/listeners.ts';
import type { webhooks } from '../../db/schema.ts';
import { type RowOf, select } from '../../db/statements.ts';
import { makerColumns } from '../callers/maker.ts';
import type { Call, Permit } from '../permit.ts';

/** Why a webhook is disabled, for people. */
export const DISABLED = {
  ASKED: 'It was disabled by updateWebhook.',
  GONE: 'The receiver answered 410: it is gone for good.',
  FAILED: 'The receiver did not take an event in ten attempts over more than three days.',
  URL: 'Its URL is not taken here any more: give it another one.',
  SECRET:
    'The secret of this deployment that its own derives from was dropped: rotate its secret, ' +
    'tell the receiver, and enable it.',
  MAKER: 'The key or member that gave it its URL was ended, with all that it had made.',
} as const satisfies Record<NonNullable<(typeof webhooks.$inferSelect)['disabled']>, string>;
export type Disabled = keyof typeof DISABLED;

export interface Delivery {
  at: number;
  eventId: string;
  /** Null: there was no answer. */
  status: number | null;
  durationMs: number;
}

export interface Webhook {
  id: string;
  url: string;
  /** Actions, and nouns with all of theirs; empty: all. */
  types: string[];
  description: string | null;
  createdAt: number;
  enabled: boolean;
  disabled: Disabled | null;
  /** How many events wait, as far as they are counted. */
  pending: number;
  missedUntil: number | null;
  lastDelivery: Delivery | null;
  /** Who added it: the root id of a key, or a member. */
  madeByKey: string | null;
  madeByUser: number | null;
}

/** A tenant has so many. */
export const MAX_WEBHOOKS = 10;
/** What waits is counted so far. */
export const MAX_PENDING = 1_000;
/** Deliveries that are kept of each. */
export const KEPT_DELIVERIES = 100;

const kept = sql.raw(String(KEPT_DELIVERIES));
/** Where the next delivery of the webhook `wh` is kept; and the last one is. */
export const nextSlot = sql<number>`${wh.tries} % ${kept}`;
const lastSlot = sql`(${wh.tries} - 1) % ${kept}`;

/** How far back a delivery of the webhook `wh` is: the greatest is the last one. */
const recency = sql`(${wd.slot} + ${kept} - ${nextSlot}) % ${kept}`;

/** The last deliveries of a webhook, the most recent first. */
export const selectDeliveries = (id: string, most: number): Statement<Delivery> =>
  select(
    { at: wd.at, eventId: wd.eventId, status: wd.status, durationMs: wd.durationMs },
    sql`FROM ${source(wh)} JOIN ${source(wd)} ON ${wd.webhookId} = ${wh.id}
      WHERE ${wh.id} = ${id} ORDER BY ${recency} DESC LIMIT ${most}`,
  );

const columns = {
  ...{ id: wh.id, url: wh.url, types: wh.types, description: wh.description },
  ...{ createdAt: wh.createdAt, dueAt: wh.dueAt, disabled: wh.disabled },
  ...{ missedUntil: wh.missedUntil, pending: pendingUpTo(MAX_PENDING) },
  ...makerColumns(wh),
  last: sql<string | null>`iif(${wd.at} IS NULL, NULL,
    json_array(${wd.at}, ${wd.eventId}, ${wd.status}, ${wd.durationMs}))`,
};
export type WebhookRow = RowOf<typeof columns>;

/** What lies behind `FROM webhooks` and is ordered or not, as `rest` says. */
export const selectWebhooks = (rest: SQL): Statement<WebhookRow> =>
  select(
    columns,
    sql`FROM ${source(wh)}
      LEFT JOIN ${source(wd)} ON ${wd.webhookId} = ${wh.id} AND ${wd.slot} = ${lastSlot}
      WHERE ${rest}`,
  );

function toDelivery(text: string): Delivery {
  const [at, eventId, status, durationMs] = JSON.parse(text);
  return { at, eventId, status, durationMs };
}

/** A webhook as the API tells it. */
export const toWebhook = ({ types, dueAt, last, ...row }: WebhookRow): Webhook => ({
  ...row,
  types: JSON.parse(types),
  enabled: dueAt !== null,
  lastDelivery: last === null ? null : toDelivery(last),
});

/** The webhook with this id, if it is the Permit's tenant's: a condition over `wh`. */
export const isOurs = ({ tenantId }: Permit<string>, id: string): SQL =>
  sql`${wh.id} = ${id} AND ${wh.tenantId} = ${tenantId}`;

/** Whether the deployment dropped what the secret of the webhook `wh` derives from. */
export const hasNoSecret = ({ signer }: Call): SQL =>
  sql`${wh.secretId} NOT IN (SELECT j.value FROM json_each(${JSON.stringify(signer.ids)}) j)`;

export const noSuchWebhook: Complaint = {
  code: 'NOT_FOUND',
  path: ['id'],
  message: 'There is no such webhook. `webhooks` lists yours.',
};

/** The one that a batch gave; throws NOT_FOUND where there is none. */
export function oneOf([row]: WebhookRow[]): Webhook {
  if (row) return toWebhook(row);
  throw new Refusal(noSuchWebhook);
}

/** A secret that signs besides until it ends. */
export interface Former extends Pick<Derivation, 'secretId' | 'version'> {
  endsAt: number;
}

/** As a receiver is given it. Throws where the deployment dropped what it derives from. */
export function shownSecret({ signer }: Call, derivation: Derivation): string {
  const secret = signer.webhookSecret(derivation);
  if (!secret) throw new Error('a secret was dropped within a call');
  return writeWebhookSecret(secret);
}
