/** Removing an API key: it stops working at once here, and within 30 s everywhere. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuse } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import {
  keyId,
  mayManage,
  refuseUnlessManaging,
  selectCaller,
  withinCaller,
  works,
} from './key.ts';

const input = v.object({ id: keyId });

/** A key that is unknown, gone or another tenant's is left alone. */
export async function removeApiKey(
  permit: Permit<'apiKey.remove'>,
  raw: { id: string },
): Promise<Record<never, never>> {
  const { id } = parse(input, raw);
  const { tenantId, now, db, call } = permit;
  const target = sql`k.id = ${id} AND k.tenant_id = ${tenantId} AND ${works(now)}`;
  const removable = sql`${target} AND ${withinCaller(permit)} AND ${mayManage(permit)}`;
  const {
    callerNow: [callerNow],
    key: [key],
  } = await db.batch({
    callerNow: selectCaller(permit),
    key: statement<{ within: 0 | 1 }>(
      sql`SELECT ${withinCaller(permit)} AS within FROM api_keys k WHERE ${target}`,
    ),
    event: event(
      permit,
      { action: permit.action, subject: sql`json_object('apiKeyId', k.id)` },
      sql`FROM api_keys k WHERE ${removable}`,
    ),
    removal: statement(sql`UPDATE api_keys AS k SET removed_at = ${now} WHERE ${removable}`),
  });
  call.isolate.apiKeys.delete(id);
  refuseUnlessManaging(permit, callerNow);
  if (key && !key.within) {
    throw refuse(
      'FORBIDDEN',
      ['id'],
      'Your key cannot remove one that has more scopes or outlives it.',
    );
  }
  return {};
}
