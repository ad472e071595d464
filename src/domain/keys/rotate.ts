/**
 * Rotates an API key: makes a successor with the same scopes and expiry. The old key works on for
 * its grace period.
 */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { publicId } from '../../base/credential-advice.ts';
import { type Refusal, refuse } from '../../base/faults.ts';
import { parse, range } from '../../base/text.ts';
import { DAY_SECONDS } from '../../base/time.ts';
import { aliased, k, source } from '../../db/aliases.ts';
import { apiKeys } from '../../db/schema.ts';
import { type RowOf, select, update } from '../../db/statements.ts';
import { isInGrace, works } from '../entities/key.ts';
import type { Permit } from '../permit.ts';
import {
  type ApiKey,
  insertKey,
  MAX_IN_GRACE,
  mayManage,
  refuseUnlessManaging,
  retireKeys,
  selectCaller,
  selectKeys,
  toKey,
  withinCaller,
} from './key.ts';
import { hasRoom, hasRoomInGrace, selectMostKeys, tooManyKeys } from './quota.ts';

const input = v.object({
  id: publicId,
  graceSeconds: v.nullish(range(0, 7 * DAY_SECONDS, ' (7 days)')),
});

const successor = aliased(apiKeys, 'n');

const oldColumns = (permit: Permit<string>) => ({
  ...{ within: withinCaller(permit), inGrace: isInGrace },
});
type Old = RowOf<ReturnType<typeof oldColumns>>;

/**
 * Without `graceSeconds`, the grace period is a day. Rotating again, such as after a lost response,
 * makes another successor and never extends the grace period. `graceSeconds`: up to seven days.
 * Throws NOT_FOUND for a key that is not valid, FORBIDDEN for one that has more than the calling
 * one, QUOTA or CONFLICT if there may be no more keys, or no more in their grace period.
 */
export async function rotateApiKey(
  permit: Permit<'apiKey.rotate'>,
  raw: { id: string; graceSeconds?: number | null | undefined },
): Promise<{ apiKey: ApiKey; secret: string }> {
  const { id, graceSeconds } = parse(input, raw);
  const { tenantId, now, db, call } = permit;
  const credential = await call.issuer.issue('key');
  const graceEnd = now + (graceSeconds ?? DAY_SECONDS) * 1000;
  const target = sql`${k.id} = ${id} AND ${k.tenantId} = ${tenantId} AND ${works(now)}`;
  // The first rotation puts the old key into its grace period. Further ones add a key.
  const room = sql`iif(${k.graceEndsAt} IS NULL, ${hasRoomInGrace(permit)}, ${hasRoom(permit)})`;
  const {
    callerNow: [callerNow],
    old: [old],
    most,
    key: [row],
  } = await db.batch({
    callerNow: selectCaller(permit),
    retirement: retireKeys(now, sql`${k.tenantId} = ${tenantId} AND ${mayManage(permit)}`),
    old: select(oldColumns(permit), sql`FROM ${source(k)} WHERE ${target}`),
    ...insertKey(
      permit,
      permit.action,
      credential,
      { name: k.name, scopes: k.scopes, expiresAt: k.expiresAt, replaces: id },
      sql`FROM ${source(k)}
        WHERE ${target} AND ${withinCaller(permit)} AND ${mayManage(permit)} AND ${room}`,
    ),
    grace: update(
      k,
      { graceEndsAt: sql`min(coalesce(${k.graceEndsAt}, ${graceEnd}), ${graceEnd})` },
      sql`WHERE ${k.id} = ${id} AND EXISTS (
        SELECT 1 FROM ${source(successor)} WHERE ${successor.id} = ${credential.id})`,
    ),
    most: selectMostKeys(permit),
    key: selectKeys(sql`${k.id} = ${credential.id}`),
  });
  call.isolate.apiKeys.delete(id);
  refuseUnlessManaging(permit, callerNow);
  if (row) return { apiKey: toKey(row), secret: credential.token };
  throw refusalOf(old, most);
}

/** Why the key `old` got no successor. `most`: the limit of keys. */
function refusalOf(old: Old | undefined, most: { most: number }[]): Refusal {
  if (!old) return refuse('NOT_FOUND', ['id'], 'There is no such valid key. Check the id.');
  if (!old.within) {
    return refuse(
      'FORBIDDEN',
      ['id'],
      'You cannot rotate a key that has more scopes than you, or outlives yours.',
    );
  }
  if (old.inGrace) return tooManyKeys(most);
  return refuse(
    'CONFLICT',
    [],
    `There are ${MAX_IN_GRACE} keys in their grace period, which is the most. Remove one first.`,
  );
}
