/** Sending events again: those behind a cursor of the feed. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuseAny } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { source, wh } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { complaintsOf, type Guard, passes, selectVerdicts } from '../../db/guards.ts';
import { differ, update } from '../../db/statements.ts';
import { BEGINNING, readPlace } from '../audit/feed.ts';
import { isMissed } from '../audit/kept.ts';
import type { Permit } from '../permit.ts';
import { webhookId } from './given.ts';
import { enabled, secretIsGone } from './update.ts';
import { isOurs, oneOf, selectWebhooks, type Webhook } from './webhook.ts';

const input = v.object({ id: webhookId, after: v.nullish(v.string()) });

/** A receiver that is sent what is left would not know of the rest. */
const hasGaps = (tenantId: number, place: number): Guard => ({
  when: isMissed(tenantId, place),
  complaint: {
    code: 'INVALID',
    path: ['after'],
    message:
      'Events after this cursor are no longer kept. Send null for all that are, or the "next" ' +
      'that `GET /events` answers to this cursor.',
  },
});

/**
 * Sends what follows `after`; null: all that is kept; undefined: it goes on where it stopped. The
 * webhook is enabled, and what failed is tried at once.
 */
export async function replayWebhook(
  permit: Permit<'webhook.replay'>,
  raw: { id: string; after?: string | null | undefined },
): Promise<{ webhook: Webhook }> {
  const { id, after } = parse(input, raw);
  const { call, db, tenantId, change } = permit;
  const place = after == null ? BEGINNING : readPlace(tenantId, after);
  const cursor = after === undefined ? undefined : place;
  const guards = [secretIsGone(call), ...(after == null ? [] : [hasGaps(tenantId, place)])];
  const isOne = isOurs(permit, id);
  const changed = sql`${isOne} AND ${passes(guards)}
    AND (${differ(wh, { cursor })} OR ${wh.dueAt} IS NULL OR ${wh.failures} > 0)`;
  const { verdict, webhook } = await db.batch({
    verdict: selectVerdicts(guards, sql`FROM ${source(wh)} WHERE ${isOne}`),
    event: event(
      permit,
      { action: permit.action, subject: { webhookId: wh.id } },
      sql`FROM ${source(wh)} WHERE ${changed}`,
    ),
    replay: update(
      wh,
      { ...enabled, cursor, changeId: change, missedUntil: after === undefined ? undefined : null },
      sql`WHERE ${changed}`,
    ),
    webhook: selectWebhooks(isOne),
  });
  refuseAny(complaintsOf(guards, verdict));
  return { webhook: oneOf(webhook) };
}
