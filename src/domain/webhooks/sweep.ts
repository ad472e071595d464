/**
 * Webhooks that lag: their nudge was lost, their Worker died, or their pause is over. And those
 * whose secret derives from one that the deployment dropped.
 */
import { sql } from 'drizzle-orm';
import { source, wh } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { type Listening, selectDue } from '../../db/listeners.ts';
import { select } from '../../db/statements.ts';
import { deliveryOf, nudge } from '../nudge.ts';
import type { Call } from '../permit.ts';
import { claim, deliver } from './deliver.ts';
import { disable } from './settle.ts';
import { hasNoSecret } from './webhook.ts';

/** Webhooks of one sweep: the others have the same chance in the next. */
const WEBHOOKS = 500;
/** What the sweep sends to itself, so that it goes on though the queue does not. */
const MINE = 5;
/** Webhooks that one sweep disables for want of a secret. */
const ORPHANS = 100;

/** Claims a webhook, and sends to it behind whatever is going on. */
export async function startDelivery(call: Call, id: string): Promise<void> {
  const webhook = await claim(call, id);
  if (webhook) call.defer(() => deliver(call, webhook));
}

/** Those whose secret derives from none that is known. */
const selectOrphans = (call: Call): Statement<Listening> =>
  select(
    { id: wh.id, tenantId: wh.tenantId },
    sql`FROM ${source(wh)} INDEXED BY webhooks_enabled
      WHERE ${wh.id} > '' AND ${wh.dueAt} IS NOT NULL
        AND ${hasNoSecret(call)}
      LIMIT ${ORPHANS}`,
  );

/** In one batch, however many tenants they are of. */
async function disableOrphans(call: Call, orphans: Listening[]): Promise<void> {
  if (orphans.length === 0) return;
  const statements = [...Map.groupBy(orphans, ({ tenantId }) => tenantId)].flatMap(
    ([tenantId, some]) => {
      const ids = JSON.stringify(some.map(({ id }) => id));
      const fits = sql`${wh.id} IN (SELECT j.value FROM json_each(${ids}) j)`;
      const { disabling, disabled } = disable(call, tenantId, fits, 'SECRET');
      return [
        [`event ${tenantId}`, disabling],
        [`change ${tenantId}`, disabled],
      ];
    },
  );
  await call.db.batch(Object.fromEntries(statements));
}

/** A part of the sweep. */
export async function sweepWebhooks(call: Call): Promise<void> {
  const [orphans, due] = await Promise.all([
    call.db.read(selectOrphans(call)),
    call.db.read(selectDue(call.now, WEBHOOKS)),
  ]);
  await disableOrphans(call, orphans);
  await nudge(call, due.slice(MINE).map(deliveryOf));
  for (const { id } of due.slice(0, MINE)) await startDelivery(call, id);
}
