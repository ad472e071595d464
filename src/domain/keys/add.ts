/** Issuing an API key. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { atMost, future, nameText, parse } from '../../base/text.ts';
import { k } from '../../db/aliases.ts';
import { SCOPES } from '../entities/key.ts';
import type { Permit } from '../permit.ts';
import {
  type ApiKey,
  insertKey,
  mayManage,
  refuseBeyondCaller,
  refuseUnlessManaging,
  retireKeys,
  selectCaller,
  selectKeys,
  toKey,
} from './key.ts';
import { hasRoom, selectMostKeys, tooManyKeys } from './quota.ts';

/** Duplicate scopes count once. */
const MAX_SCOPES = 100;

const input = (now: number) =>
  v.object({
    name: nameText(100),
    scopes: v.pipe(
      atMost(MAX_SCOPES, `Give at most ${MAX_SCOPES} scopes.`),
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

/**
 * Issues an API key. `secret` is shown only once. Throws FORBIDDEN for more than the calling key
 * has, QUOTA if the tenant may have no more keys.
 */
export async function addApiKey(
  permit: Permit<'apiKey.add'>,
  raw: KeyToAdd,
): Promise<{ apiKey: ApiKey; secret: string }> {
  const { name, scopes, expiresAt = null } = parse(input(permit.now), raw);
  refuseBeyondCaller(permit, { scopes, expiresAt });
  const { db, call, caller } = permit;
  const credential = await call.issuer.issue('key');
  const {
    callerNow: [callerNow],
    most,
    key: [row],
  } = await db.batch({
    callerNow: selectCaller(permit),
    retirement: retireKeys(
      permit.now,
      sql`${k.tenantId} = ${permit.tenantId} AND ${mayManage(permit)}`,
    ),
    ...insertKey(
      permit,
      permit.action,
      credential,
      { name, scopes: JSON.stringify(scopes), expiresAt },
      // The operator may exceed the limit, to rescue a tenant that lost its keys.
      sql`WHERE ${mayManage(permit)}
        AND (${caller.kind === 'operator' ? 1 : 0} OR ${hasRoom(permit)})`,
    ),
    most: selectMostKeys(permit),
    key: selectKeys(sql`${k.id} = ${credential.id}`),
  });
  refuseUnlessManaging(permit, callerNow);
  if (row) return { apiKey: toKey(row), secret: credential.token };
  throw tooManyKeys(most);
}
