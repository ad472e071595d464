/** Giving a webhook another secret, while deliveries are signed with those before as well. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse, range } from '../../base/text.ts';
import { DAY_SECONDS } from '../../base/time.ts';
import { source, wh } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { select, update } from '../../db/statements.ts';
import type { Permit } from '../permit.ts';
import { webhookId } from './given.ts';
import { interrupted } from './update.ts';
import { isOurs, oneOf, selectWebhooks, shownSecret, type Webhook } from './webhook.ts';

/** Secrets that sign besides the current one. */
const MAX_FORMERS = 4;

const input = v.object({
  id: webhookId,
  graceSeconds: v.nullish(range(0, 7 * DAY_SECONDS, ' (7 days)'), DAY_SECONDS),
});

/**
 * The secret before signs for `graceSeconds`, those before it no longer than they had. Rotating
 * again, as after an answer that was lost, makes another one. `secret` is shown this once.
 */
export async function rotateWebhookSecret(
  permit: Permit<'webhook.rotate'>,
  raw: { id: string; graceSeconds?: number | null | undefined },
): Promise<{ webhook: Webhook; secret: string }> {
  const { id, graceSeconds } = parse(input, raw);
  const { call, db, now, change } = permit;
  const [secretId] = call.signer.ids;
  const end = now + graceSeconds * 1000;
  const isOne = isOurs(permit, id);
  const formers = sql`(
    SELECT json_group_array(json_object('secretId', r.id, 'version', r.version, 'endsAt', r.ends))
    FROM (
      SELECT ${wh.secretId} AS id, ${wh.version} AS version, ${end} AS ends
      UNION ALL
      SELECT j.value ->> 'secretId', j.value ->> 'version', min(j.value ->> 'endsAt', ${end})
      FROM json_each(${wh.formers}) j
      ORDER BY 2 DESC LIMIT ${MAX_FORMERS}) r
    WHERE r.ends > ${now})`;
  const {
    version: [row],
    webhook,
  } = await db.batch({
    event: event(
      permit,
      { action: permit.action, subject: { webhookId: wh.id } },
      sql`FROM ${source(wh)} WHERE ${isOne}`,
    ),
    rotation: update(
      wh,
      { ...interrupted, formers, secretId, version: sql`${wh.version} + 1`, changeId: change },
      sql`WHERE ${isOne}`,
    ),
    version: select({ version: wh.version }, sql`FROM ${source(wh)} WHERE ${isOne}`),
    webhook: selectWebhooks(isOne),
  });
  return {
    webhook: oneOf(webhook),
    secret: shownSecret(call, { id, secretId, version: row?.version ?? 0 }),
  };
}
