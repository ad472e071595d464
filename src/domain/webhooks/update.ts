/** Changing a webhook, and what disables and enables it. */
import { sql } from 'drizzle-orm';
import { refuseAny } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { source, wh } from '../../db/aliases.ts';
import { event, lastNumber, sentFields } from '../../db/commit.ts';
import { complaintsOf, type Guard, passes, selectVerdicts } from '../../db/guards.ts';
import { isPending } from '../../db/listeners.ts';
import { differ, update } from '../../db/statements.ts';
import { makerOf } from '../callers/maker.ts';
import type { Call, Permit } from '../permit.ts';
import { changedWebhook } from './given.ts';
import {
  type Disabled,
  hasNoSecret,
  isOurs,
  oneOf,
  selectWebhooks,
  type Webhook,
} from './webhook.ts';

export interface WebhookUpdate {
  id: string;
  url?: string | null | undefined;
  types?: readonly string[] | null | undefined;
  description?: string | null | undefined;
  enabled?: boolean | null | undefined;
}

/** Whoever is sending to it stops at the next event. */
export const disabledBy = (disabled: Disabled) => ({ disabled, dueAt: null, lease: null });

/** Whoever is sending to it stops at the next event, and others go on with what it is now. */
export const interrupted = {
  lease: null,
  dueAt: sql`iif(${wh.lease} IS NULL, ${wh.dueAt}, 0)`,
};

/** It goes on at once, as if nothing had failed. */
export const enabled = { disabled: null, dueAt: 0, lease: null, failures: 0 };

/** Whether the webhook `wh` is disabled. */
const isOff = sql`${wh.dueAt} IS NULL`;

/** What stands in the way of enabling the webhook `wh`: its secret must be one that we know. */
export const secretIsGone = (call: Call): Guard => ({
  when: hasNoSecret(call),
  complaint: {
    code: 'CONFLICT',
    path: ['id'],
    message:
      'What its secret derives from was dropped: rotate its secret first, and give the new one ' +
      'to the receiver.',
  },
});

/** What becomes of whether it sends, and of an event that it may be sending. */
function switching(on: boolean | null | undefined, leadsElsewhere: boolean) {
  if (on === false) return disabledBy('ASKED');
  if (on === true) {
    const starts = leadsElsewhere ? sql`1` : isOff;
    return {
      disabled: null,
      dueAt: sql`iif(${starts} OR ${wh.lease} IS NOT NULL, 0, ${wh.dueAt})`,
      lease: null,
      failures: sql`iif(${starts}, 0, ${wh.failures})`,
    };
  }
  if (!leadsElsewhere) return interrupted;
  return { dueAt: sql`iif(${isOff}, NULL, 0)`, lease: null, failures: 0 };
}

/** Whoever leads it elsewhere is its maker from then on: with them, it ends. */
function madeBy(permit: Permit<'webhook.update'>, url: string | null | undefined) {
  if (url == null) return {};
  const maker = makerOf(permit);
  const leadsElsewhere = sql`${wh.url} <> ${url}`;
  return {
    madeBy: sql`iif(${leadsElsewhere}, ${maker.madeBy}, ${wh.madeBy})`,
    madeByUser: sql`iif(${leadsElsewhere}, ${maker.madeByUser}, ${wh.madeByUser})`,
  };
}

/**
 * What is not given stays as it was. Other types count from now on, unless an event is waiting.
 */
export async function updateWebhook(
  permit: Permit<'webhook.update'>,
  raw: WebhookUpdate,
): Promise<{ webhook: Webhook }> {
  const { call, change } = permit;
  const given = parse(changedWebhook(call.webhookUrls), raw);
  const { id, url, types, description, enabled: on } = given;
  const columns = {
    ...{ url: url ?? undefined, description },
    types: types ? JSON.stringify(types) : undefined,
  };
  const isOne = isOurs(permit, id);
  const isSwitched = on == null ? sql`0` : on ? isOff : sql`NOT ${isOff}`;
  const guards = on === true ? [secretIsGone(call)] : [];
  const changed = sql`${isOne} AND ${passes(guards)}
    AND (${differ(wh, columns)} OR ${isSwitched})`;
  const ends = sql`EXISTS (SELECT 1 FROM ${source(wh)} WHERE ${isOne} AND NOT ${isOff})`;
  const db = on === false ? permit.endingIf(ends) : permit.db;
  const { verdict, webhook } = await db.batch({
    verdict: selectVerdicts(guards, sql`FROM ${source(wh)} WHERE ${isOne}`),
    event: event(
      permit,
      {
        ...{ action: permit.action, subject: { webhookId: wh.id } },
        fields: sentFields(raw, given).filter((name) => name !== 'id'),
      },
      sql`FROM ${source(wh)} WHERE ${changed}`,
    ),
    update: update(
      wh,
      {
        ...{ ...columns, ...madeBy(permit, url), ...switching(on, url != null), changeId: change },
        cursor: types ? sql`iif(${isPending()}, ${wh.cursor}, ${lastNumber})` : undefined,
      },
      sql`WHERE ${changed}`,
    ),
    webhook: selectWebhooks(isOne),
  });
  refuseAny(complaintsOf(guards, verdict));
  return { webhook: oneOf(webhook) };
}
