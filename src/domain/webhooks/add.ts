/** Adding a webhook: it takes what is committed from then on. */
import { sql } from 'drizzle-orm';
import { refuse } from '../../base/faults.ts';
import { randomText } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import { aliased, source, wh } from '../../db/aliases.ts';
import { event, lastNumber } from '../../db/commit.ts';
import { webhooks } from '../../db/schema.ts';
import { insert } from '../../db/statements.ts';
import { makerOf } from '../callers/maker.ts';
import type { Permit } from '../permit.ts';
import { newWebhook } from './given.ts';
import { MAX_WEBHOOKS, selectWebhooks, shownSecret, toWebhook, type Webhook } from './webhook.ts';

export interface WebhookToAdd {
  url: string;
  types?: readonly string[] | null | undefined;
  description?: string | null | undefined;
}

const ID = 16;

const other = aliased(webhooks, 'other');

/** `secret` is shown this once. */
export async function addWebhook(
  permit: Permit<'webhook.add'>,
  raw: WebhookToAdd,
): Promise<{ webhook: Webhook; secret: string }> {
  const { call, db, tenantId, now, change } = permit;
  const { url, types, description = null } = parse(newWebhook(call.webhookUrls), raw);
  const derivation = { id: randomText(ID), secretId: call.signer.ids[0], version: 1 };
  const { id } = derivation;
  const hasRoom = sql`WHERE (
    SELECT count(*) FROM ${source(other)} WHERE ${other.tenantId} = ${tenantId}
  ) < ${MAX_WEBHOOKS}`;
  const {
    webhook: [row],
  } = await db.batch({
    // The event that tells of it comes before all that it takes.
    event: event(permit, { action: permit.action, subject: { webhookId: id } }, hasRoom),
    insertion: insert(
      webhooks,
      {
        ...{ ...derivation, tenantId, url, description, types: JSON.stringify(types) },
        ...{ ...makerOf(permit), createdAt: now, cursor: lastNumber, dueAt: 0, changeId: change },
      },
      hasRoom,
    ),
    webhook: selectWebhooks(sql`${wh.id} = ${id}`),
  });
  if (row) return { webhook: toWebhook(row), secret: shownSecret(call, derivation) };
  throw refuse(
    'QUOTA',
    [],
    `You have ${MAX_WEBHOOKS} webhooks, which is the most. Remove one first, or change one.`,
  );
}
