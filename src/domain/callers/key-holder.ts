/** Authenticates a call with an API key. */
import { sql } from 'drizzle-orm';
import { type Credential, isHashOf } from '../../base/issuer.ts';
import type { MaybePromise } from '../../base/maybe-promise.ts';
import { HOUR } from '../../base/time.ts';
import { k, source, t } from '../../db/aliases.ts';
import { select, update } from '../../db/statements.ts';
import type { ApiKeyHolder } from '../credentials.ts';
import { endsAt, isInGrace, readScopes, rootOf, works } from '../entities/key.ts';
import type { Call } from '../permit.ts';

/** How long an isolate caches a key, in milliseconds. */
const MEMORY_MS = 30_000;
/** `last_used_at` is written at most this often, in milliseconds. */
const USE_MS = HOUR;

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
