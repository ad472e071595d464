/** Reading webhooks. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse, range } from '../../base/text.ts';
import { wh } from '../../db/aliases.ts';
import type { Permit } from '../permit.ts';
import {
  type Delivery,
  KEPT_DELIVERIES,
  selectDeliveries,
  selectWebhooks,
  toWebhook,
  type Webhook,
} from './webhook.ts';

/** All of the tenant, the newest first. */
export async function listWebhooks({ db, tenantId }: Permit<'webhook.list'>): Promise<Webhook[]> {
  const rows = await db.read(
    selectWebhooks(sql`${wh.tenantId} = ${tenantId} ORDER BY ${wh.createdAt} DESC, ${wh.id}`),
  );
  return rows.map(toWebhook);
}

const input = v.object({ first: range(1, KEPT_DELIVERIES) });

/** Of a webhook that the tenant was given: its last deliveries, the most recent first. */
export function deliveriesOf(
  { db }: Permit<'webhook.list'>,
  { id }: Webhook,
  raw: { first: number },
): Promise<Delivery[]> {
  const { first } = parse(input, raw);
  return db.read(selectDeliveries(id, first));
}
