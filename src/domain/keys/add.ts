/** Issuing an API key. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuse, refuseAny, unauthenticated } from '../../base/faults.ts';
import { mintCredential } from '../../base/secrets.ts';
import { future, parse, text } from '../../base/text.ts';
import { statement } from '../../db/connect.ts';
import { type Permit, SCOPES } from '../permit.ts';
import { unknownTenant } from '../tenants.ts';
import {
  type ApiKey,
  callerWorks,
  insertKey,
  refuseBeyondCaller,
  refuseReplaced,
  selectKeys,
  toKey,
  works,
} from './key.ts';

/** A tenant's keys are given whole, so they are bounded when they are made. */
export const MAX_KEYS = 100;

const input = (now: number) =>
  v.object({
    name: text(100),
    scopes: v.pipe(
      v.array(v.picklist(SCOPES, `Must be one of ${SCOPES.join(', ')}.`)),
      v.minLength(1, 'Give at least one scope.'),
      v.transform((scopes) => [...new Set(scopes)]),
    ),
    expiresAt: v.nullish(future(now)),
  });

export interface KeyToAdd {
  name: string;
  scopes: readonly string[];
  expiresAt?: number | null | undefined;
}

/** `secret` is shown this once. */
export async function addApiKey(
  permit: Permit<'apiKey.add'>,
  raw: KeyToAdd,
): Promise<{ apiKey: ApiKey; secret: string }> {
  const { name, scopes, expiresAt = null } = parse(input(permit.now), raw);
  refuseReplaced(permit);
  refuseBeyondCaller(permit, { scopes, expiresAt });
  const { tenantId, now, db, call, caller } = permit;
  const credential = mintCredential('key', call.tokenSecrets);
  const room = sql`(SELECT count(*) FROM api_keys k WHERE k.tenant_id = ${tenantId} AND ${works(now)}) < ${MAX_KEYS}`;
  const [[state], , , [row]] = await db.batch(
    statement<{ callerWorks: 0 | 1 }>(sql`SELECT ${callerWorks(permit)} AS callerWorks`),
    ...insertKey(
      permit,
      permit.action,
      credential,
      { name, scopes: JSON.stringify(scopes), expiresAt },
      sql`WHERE ${callerWorks(permit)} AND ${room}`,
    ),
    selectKeys(sql`k.id = ${credential.id}`),
  );
  if (row) return { apiKey: toKey(row), secret: credential.token };
  if (!state?.callerWorks) {
    if (caller.kind === 'key') throw unauthenticated(true);
    refuseAny([unknownTenant]);
  }
  throw refuse(
    'CONFLICT',
    [],
    `There are ${MAX_KEYS} keys, the most there can be. Remove one first.`,
  );
}
