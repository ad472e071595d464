/**
 * What is noted of a delivery, with the webhook, as long as it is ours to send to. Whoever changes
 * the webhook, or believes us dead, takes it from us.
 */
import { type SQL, sql } from 'drizzle-orm';
import { source, wd, wh } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { webhookDeliveries } from '../../db/schema.ts';
import {
  assignments,
  excluded,
  insert,
  onConflict,
  returning,
  update,
} from '../../db/statements.ts';
import { bySystem, type Call } from '../permit.ts';
import { disabledBy } from './update.ts';
import { type Delivery, type Disabled, nextSlot } from './webhook.ts';

/** How long nobody else sends, in milliseconds: longer than one delivery takes. */
export const LEASE_MS = 30_000;

/** Keeps a delivery among the last ones of each webhook `wh` that fits. */
export const keepDelivery = ({ at, eventId, status, durationMs }: Delivery, fits: SQL): Statement =>
  insert(
    webhookDeliveries,
    { webhookId: wh.id, slot: nextSlot, at, eventId, status, durationMs },
    sql`FROM ${source(wh)} WHERE ${fits} ${onConflict(wd.webhookId, wd.slot)}
      DO UPDATE SET ${assignments(wd, {
        ...{ at: excluded(wd.at), eventId: excluded(wd.eventId) },
        ...{ status: excluded(wd.status), durationMs: excluded(wd.durationMs) },
      })}`,
  );

export const oneMore = sql`${wh.tries} + 1`;

/**
 * Notes that the event was taken. `more`: whether others wait behind it; if none does, we are done.
 */
export const settleTaken = (delivery: Delivery, held: SQL, cursor: number, more: SQL) => ({
  delivery: keepDelivery(delivery, held),
  held: returning(
    update(
      wh,
      {
        ...{ cursor, failures: 0, tries: oneMore },
        dueAt: sql`iif(${more}, ${Date.now() + LEASE_MS}, 0)`,
        lease: sql`iif(${more}, ${wh.lease}, NULL)`,
      },
      sql`WHERE ${held}`,
    ),
    { id: wh.id },
  ),
});

/** Notes that it was not. `dueAt`: when it is tried again, in epoch milliseconds. */
export const settleFailed = (delivery: Delivery, held: SQL, dueAt: number) => ({
  delivery: keepDelivery(delivery, held),
  held: returning(
    update(
      wh,
      { failures: sql`${wh.failures} + 1`, tries: oneMore, dueAt, lease: null },
      sql`WHERE ${held}`,
    ),
    { id: wh.id },
  ),
});

/** Others go on, from `dueAt` on. */
export const release = (held: SQL, dueAt: number) => ({
  held: returning(update(wh, { dueAt, lease: null }, sql`WHERE ${held}`), { id: wh.id }),
});

/** Disables the webhooks `wh` of a tenant that fit, and says so. `values`: what else is noted. */
export const disable = (
  call: Call,
  tenantId: number,
  fits: SQL,
  why: Disabled,
  values: { tries?: SQL } = {},
) => ({
  disabling: event(
    bySystem(call, tenantId),
    { action: 'webhook.disable', subject: { webhookId: wh.id } },
    sql`FROM ${source(wh)} WHERE ${fits} AND ${wh.dueAt} IS NOT NULL`,
  ),
  disabled: update(
    wh,
    { ...disabledBy(why), ...values },
    sql`WHERE ${fits} AND ${wh.dueAt} IS NOT NULL`,
  ),
});
