/** Sending an event of no change, to see what a receiver says to it. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal, refuse } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { writeTime } from '../../base/time.ts';
import { readWebhookUrl } from '../../base/webhook-url.ts';
import { source, wh } from '../../db/aliases.ts';
import { nearlyFull } from '../../db/quota.ts';
import { select, update } from '../../db/statements.ts';
import type { Permit } from '../permit.ts';
import { attempt, secretsOf } from './attempt.ts';
import { webhookId } from './given.ts';
import { keepDelivery, oneMore } from './settle.ts';
import { secretIsGone } from './update.ts';
import {
  type Delivery,
  type Former,
  isOurs,
  noSuchWebhook,
  oneOf,
  selectWebhooks,
  type Webhook,
} from './webhook.ts';

const input = v.object({ id: webhookId });

/** Its type: no change is told with it, and no list of types names it. */
const TEST_TYPE = 'webhook.test';

const columns = {
  ...{ id: wh.id, url: wh.url, secretId: wh.secretId, version: wh.version, formers: wh.formers },
};

/**
 * Sends it at once, whatever the webhook is waiting for, and be it disabled. Tells how the receiver
 * answered, which is a success whatever that was.
 */
export async function testWebhook(
  permit: Permit<'webhook.test'>,
  raw: { id: string },
): Promise<{ webhook: Webhook; delivery: Delivery }> {
  const { id } = parse(input, raw);
  const { call, db, tenantId, now, change } = permit;
  if (call.isolate.size.space === 'none') throw nearlyFull();
  const isOne = isOurs(permit, id);
  const [row] = await db.read(select(columns, sql`FROM ${source(wh)} WHERE ${isOne}`));
  if (!row) throw new Refusal(noSuchWebhook);
  const formers = JSON.parse(row.formers) as Former[];
  const secrets = secretsOf(call, { ...row, formers }, now);
  if (!secrets) throw new Refusal(secretIsGone(call).complaint);
  const read = readWebhookUrl(row.url, call.webhookUrls);
  if ('fault' in read) throw refuse('CONFLICT', ['id'], `Its URL is not taken: ${read.fault}`);
  const event = {
    ...{ id: `test_${change}`, type: TEST_TYPE, timestamp: writeTime(now) },
    data: { intermediaryId: String(tenantId), webhookId: id },
  };
  const made = await attempt(row.url, secrets, { id: event.id, body: JSON.stringify(event) });
  const { webhook } = await db.batch({
    delivery: keepDelivery(made, isOne),
    tries: update(wh, { tries: oneMore }, sql`WHERE ${isOne}`),
    webhook: selectWebhooks(isOne),
  });
  const { retryAfterMs: _, ...delivery } = made;
  return { webhook: oneOf(webhook), delivery };
}
