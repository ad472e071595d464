/**
 * Sending events to a webhook: those behind its cursor, one after the other, by one invocation at a
 * time. The cursor moves when an event was taken. A Worker that dies in between is missed when its
 * lease ends, and the event is sent again.
 */
import { type SQL, sql } from 'drizzle-orm';
import { randomText } from '../../base/ids.ts';
import { readWebhookUrl } from '../../base/webhook-url.ts';
import { e, source, wh } from '../../db/aliases.ts';
import { isDue } from '../../db/listeners.ts';
import { type RowOf, returning, select, unqualified, update } from '../../db/statements.ts';
import { numbersAfter } from '../audit/list.ts';
import { type EventRow, eventColumns, eventOf } from '../audit/payload.ts';
import { deliveryOf, nudge } from '../nudge.ts';
import type { Call } from '../permit.ts';
import { attempt, isTaken, secretsOf } from './attempt.ts';
import { pauseAfter } from './schedule.ts';
import {
  disable,
  keepDelivery,
  LEASE_MS,
  oneMore,
  release,
  settleFailed,
  settleTaken,
} from './settle.ts';
import type { Disabled, Former } from './webhook.ts';

/** Events that are read at once. */
const PAGE = 20;
/**
 * What one invocation sends: events, and for how long it begins with another, in milliseconds. What
 * goes on behind an acknowledged message has 30 s, and a delivery takes up to 15 of them.
 */
const EVENTS = 40;
const BEGINS_MS = 10_000;
/**
 * So long a piece lasts at least, in milliseconds: a backlog goes at ten events a second. Each is a
 * write to D1, which all tenants share, and one small call may ask for all events that are kept.
 */
const PIECE_MS = 4_000;
/** Longer pauses are left to the sweep, which comes once a minute. */
const NUDGED_MS = 15 * 60_000;

const claimed = {
  ...{ id: wh.id, tenantId: wh.tenantId, url: wh.url, types: wh.types, cursor: wh.cursor },
  ...{ secretId: wh.secretId, version: wh.version, formers: wh.formers, failures: wh.failures },
};
type Claimed = RowOf<typeof claimed>;

/** A webhook that is ours to send to. */
interface Held extends Claimed {
  /** Whether it still is: a condition over `wh`. */
  held: SQL;
}

/** Takes the webhook with this id, where an event waits for it and nobody else is sending. */
export async function claim(call: Call, id: string): Promise<Held | null> {
  const lease = randomText(16);
  const now = Date.now();
  const { row } = await call.db.batch({
    row: returning(
      update(wh, { lease, dueAt: now + LEASE_MS }, sql`WHERE ${wh.id} = ${id} AND ${isDue(now)}`),
      claimed,
    ),
  });
  const [webhook] = row;
  if (!webhook) return null;
  return { ...webhook, held: sql`${wh.id} = ${id} AND ${wh.lease} = ${lease}` };
}

/** The numbers of the next events behind `cursor` that a webhook takes. */
const numbersBehind = (cursor: number, { tenantId, types }: Claimed, most: number): SQL =>
  numbersAfter(tenantId, cursor, JSON.parse(types), most);

const selectNext = (webhook: Claimed, cursor: number) =>
  select(
    eventColumns,
    sql`FROM (${numbersBehind(cursor, webhook, PAGE)}) r
      JOIN ${source(e)} ON ${e.number} = r.${unqualified(e.number)} ORDER BY ${e.number}`,
  );

/** Notes a delivery that failed: others try again, or it is the end. */
async function fail(
  call: Call,
  { held, ...webhook }: Held,
  made: Awaited<ReturnType<typeof attempt>>,
): Promise<void> {
  const pause = made.status === 410 ? null : pauseAfter(webhook.failures + 1, made.retryAfterMs);
  if (pause === null) {
    const why: Disabled = made.status === 410 ? 'GONE' : 'FAILED';
    await call.db.batch({
      delivery: keepDelivery(made, held),
      ...disable(call, webhook.tenantId, held, why, { tries: oneMore }),
    });
    return;
  }
  await call.db.batch(settleFailed(made, held, Date.now() + pause));
  if (pause <= NUDGED_MS) await nudge(call, [deliveryOf(webhook)], Math.ceil(pause / 1000));
}

/** Leaves the rest to others, from then on. */
async function goOnAt(call: Call, webhook: Held, then: number): Promise<void> {
  await call.db.batch(release(webhook.held, then));
  const seconds = Math.max(0, Math.ceil((then - Date.now()) / 1000));
  await nudge(call, [deliveryOf(webhook)], seconds);
}

/** Sends what waits for a webhook that was claimed, a bounded piece. */
export async function deliver(call: Call, webhook: Held): Promise<void> {
  const { held, tenantId } = webhook;
  const begun = Date.now();
  const secrets = secretsOf(
    call,
    { ...webhook, formers: JSON.parse(webhook.formers) as Former[] },
    begun,
  );
  const giveUp = async (why: Disabled): Promise<void> => {
    await call.db.batch(disable(call, tenantId, held, why));
  };
  if (!secrets) return giveUp('SECRET');
  if ('fault' in readWebhookUrl(webhook.url, call.webhookUrls)) return giveUp('URL');
  let events: EventRow[] = await call.db.read(selectNext(webhook, webhook.cursor));
  for (let sent = 0; events.length > 0; sent++) {
    const [row, ...rest] = events as [EventRow, ...EventRow[]];
    if (sent === EVENTS || Date.now() > begun + BEGINS_MS) {
      return goOnAt(call, webhook, begun + PIECE_MS);
    }
    const event = eventOf(row);
    const made = await attempt(webhook.url, secrets, { id: event.id, body: JSON.stringify(event) });
    if (!isTaken(made)) return fail(call, webhook, made);
    webhook.failures = 0;
    const more = sql`EXISTS (${numbersBehind(row.number, webhook, 1)})`;
    const settled = settleTaken(made, held, row.number, more);
    const next = rest.length > 0 ? {} : { next: selectNext(webhook, row.number) };
    const done = await call.db.batch({ ...settled, ...next });
    if (done.held.length === 0) return;
    events = 'next' in done ? (done.next as EventRow[]) : rest;
  }
}
