/** Finds keys: for their tenant, and to authenticate callers. */
import { sql } from 'drizzle-orm';
import { type Credential, isHashOf } from '../../base/issuer.ts';
import type { MaybePromise } from '../../base/maybe-promise.ts';
import { k, source, t } from '../../db/aliases.ts';
import { select, update } from '../../db/statements.ts';
import type { ApiKeyHolder, Call, Permit } from '../permit.ts';
import {
  type ApiKey,
  endsAt,
  isInGrace,
  readScopes,
  rootOf,
  selectKeys,
  toKey,
  works,
} from './key.ts';

/** How long an isolate caches a key, in milliseconds. */
const MEMORY_MS = 30_000;
/** `last_used_at` is written at most this often, in milliseconds. */
const USE_MS = 3_600_000;

/** All valid keys, newest first. */
export async function listApiKeys(permit: Permit<'apiKey.list'>): Promise<ApiKey[]> {
  const rows = await permit.db.read(
    selectKeys(
      sql`${k.tenantId} = ${permit.tenantId} AND ${works(permit.now)}
        ORDER BY ${k.createdAt} DESC, ${k.id}`,
    ),
  );
  return rows.map(toKey);
}

const holderColumns = {
  ...{ rootId: rootOf, hash: k.hash, scopes: k.scopes, expiresAt: endsAt, inGrace: isInGrace },
  ...{ lastUsedAt: k.lastUsedAt, tenantId: t.id, tenantName: t.name },
};

async function readHolder(call: Call, id: string): Promise<ApiKeyHolder | null> {
  const [row] = await call.db.read(
    select(
      holderColumns,
      sql`FROM ${source(k)} JOIN ${source(t)} ON ${t.id} = ${k.tenantId}
        WHERE ${k.id} = ${id} AND ${works(call.now)} AND ${t.removedAt} IS NULL`,
    ),
  );
  if (!row) return null;
  const { rootId, scopes, expiresAt, inGrace, ...holder } = row;
  const key = { id, rootId, scopes: readScopes(scopes), expiresAt, inGrace: inGrace === 1 };
  return { ...holder, key };
}

/** Reads a key that is not cached, once for all requests that need it at the same time. */
async function askHolder(call: Call, id: string): Promise<ApiKeyHolder | null> {
  const { apiKeys, keyReads } = call.isolate;
  const name = 'holder';
  const { holder } = await keyReads.ask(id, {
    ...{ name, part: undefined, fresh: false },
    known() {
      const remembered = apiKeys.get(id, call.now);
      return remembered === undefined ? undefined : { holder: remembered };
    },
    keep: (asking) => call.defer(() => asking),
    async ask() {
      const found = await readHolder(call, id);
      apiKeys.set(id, found, call.now + MEMORY_MS);
      return new Map([[name, { holder: found }]]);
    },
  });
  return holder;
}

/**
 * The key and its tenant: at once if this isolate has cached it, else from D1. Null if the key is
 * not valid.
 */
export function apiKeyHolder(
  call: Call,
  credential: Credential,
): MaybePromise<ApiKeyHolder | null> {
  const { id } = credential;
  const validate = (holder: ApiKeyHolder | null): ApiKeyHolder | null => {
    if (!holder || !isHashOf(holder.hash, credential)) return null;
    if (holder.key.expiresAt !== null && holder.key.expiresAt <= call.now) return null;
    recordUse(call, holder);
    return holder;
  };
  const known = call.isolate.apiKeys.get(id, call.now);
  return known === undefined ? askHolder(call, id).then(validate) : validate(known);
}

function recordUse(call: Call, holder: ApiKeyHolder): void {
  const due = call.now - USE_MS;
  if (holder.lastUsedAt !== null && holder.lastUsedAt > due) return;
  holder.lastUsedAt = call.now;
  call.defer(() =>
    call.db.batch({
      use: update(
        k,
        { lastUsedAt: call.now },
        sql`WHERE ${k.id} = ${holder.key.id}
          AND (${k.lastUsedAt} IS NULL OR ${k.lastUsedAt} <= ${due})`,
      ),
    }),
  );
}
