/** The device in a parcel, and its tracking link. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { type Refusal, refuse } from '../../base/faults.ts';
import { text } from '../../base/text.ts';
import { d, source } from '../../db/aliases.ts';
import type { RowOf } from '../../db/statements.ts';
import { inOtherCase } from '../entities/device.ts';
import { tenantExists } from '../entities/tenant.ts';

/**
 * The link as browsers read it, so that the stored link is the followed link. Null if it is not
 * one.
 */
export function hrefOf(link: string): string | null {
  const isLink = /^https?:\/\/\S+$/i.test(link) && link.isWellFormed();
  const url = isLink ? URL.parse(link) : null;
  return url && url.username === '' && url.password === '' ? url.href : null;
}

const MAX_LINK = 2000;

/**
 * A link that a browser opens (WHATWG URL), in its normal form. Up to 2,000 characters, without a
 * user name in it.
 */
export const webLink = v.pipe(
  text(MAX_LINK),
  v.check(
    (link) => hrefOf(link) !== null,
    'Must be an http or https link, beginning with "https://", ' +
      'without blanks or a user name in it.',
  ),
  v.transform((link) => hrefOf(link) ?? link),
  v.check(
    (href) => href.length <= MAX_LINK,
    `Must be at most ${MAX_LINK} characters long, percent-encoded.`,
  ),
);

/** Whether the named device can be shipped: it is the tenant's or in stock. */
export const isShippable = (
  tenantId: number,
  device: string | null,
): SQL => sql`(${device} IS NULL OR EXISTS (
  SELECT 1 FROM ${source(d)} WHERE ${d.deviceId} = ${device}
    AND (${d.tenantId} = ${tenantId} OR ${d.tenantId} IS NULL)))`;

/**
 * Whether the tenant exists, whether the device can be shipped, whether another tenant has it, and
 * a device with a similar id.
 */
export const foundColumns = (tenantId: number, device: string | null) => ({
  tenant: sql<0 | 1>`${tenantExists(tenantId)}`,
  device: sql<0 | 1>`${isShippable(tenantId, device)}`,
  isTaken: sql<0 | 1>`EXISTS (
    SELECT 1 FROM ${source(d)} WHERE ${d.deviceId} = ${device} AND ${d.tenantId} <> ${tenantId})`,
  similar: sql<string | null>`${inOtherCase(tenantId, device)}`,
});

type Found = RowOf<ReturnType<typeof foundColumns>>;

/**
 * Why a device cannot be shipped. Only the operator calls this, so it may mention another tenant.
 */
export function unreachable({ isTaken, similar }: Found): Refusal {
  if (isTaken) {
    return refuse(
      'CONFLICT',
      ['deviceId'],
      'This device is assigned to another intermediary. Remove it there first, or ship another.',
    );
  }
  return refuse(
    'NOT_FOUND',
    ['deviceId'],
    similar === null
      ? 'No such device is assigned to this intermediary or in stock. Add it first.'
      : `There is no such device here, but ${similar} is: case matters.`,
  );
}
