/** Removing webhooks: one, or all of a tenant. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse } from '../../base/text.ts';
import { source, wd, wh } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { remove } from '../../db/statements.ts';
import type { Permit } from '../permit.ts';
import { webhookId } from './given.ts';
import { isOurs } from './webhook.ts';

const input = v.object({ id: webhookId });

/** Takes away the webhooks `wh` that fit, with their deliveries. */
export const removeWebhooks = (fits: SQL) => ({
  webhookDeliveries: remove(
    wd,
    sql`WHERE ${wd.webhookId} IN (SELECT ${wh.id} FROM ${source(wh)} WHERE ${fits})`,
  ),
  webhooks: remove(wh, sql`WHERE ${fits}`),
});

/** One that is unknown, gone or another tenant's is left alone. */
export async function removeWebhook(
  permit: Permit<'webhook.remove'>,
  raw: { id: string },
): Promise<object> {
  const isOne = isOurs(permit, parse(input, raw).id);
  await permit.db.batch({
    event: event(
      permit,
      { action: permit.action, subject: { webhookId: wh.id } },
      sql`FROM ${source(wh)} WHERE ${isOne}`,
    ),
    ...removeWebhooks(isOne),
  });
  return {};
}
