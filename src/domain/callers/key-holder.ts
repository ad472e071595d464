/** Who is calling with an API key. */
import { sql } from 'drizzle-orm';
import { type Credential, isHashOf } from '../../base/issuer.ts';
import { HOUR } from '../../base/time.ts';
import { k, source, t } from '../../db/aliases.ts';
import { select, update } from '../../db/statements.ts';
import type { ApiKeyHolder } from '../credentials.ts';
import { endsAt, isInGrace, readScopes, rootOf, works } from '../entities/key.ts';
import type { Call } from '../permit.ts';

/** How long an isolate believes what it read of a key. */
const MEMORY_MS = 30_000;
/** `last_used_at` is written no more often. */
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

/** One question for all who come with the key while it is not known. */
async function askHolder(call: Call, id: string): Promise<ApiKeyHolder | null> {
  const { apiKeys, keyQuestions } = call.isolate;
  const name = 'holder';
  const { holder } = await keyQuestions.ask(id, {
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

/** The holder of a key that works, from this isolate's memory or from D1. */
export async function apiKeyHolder(
  call: Call,
  credential: Credential,
): Promise<ApiKeyHolder | null> {
  const { apiKeys } = call.isolate;
  const { id } = credential;
  let holder = apiKeys.get(id, call.now);
  if (holder === undefined) holder = await askHolder(call, id);
  if (!holder || !isHashOf(holder.hash, credential)) return null;
  if (holder.key.expiresAt !== null && holder.key.expiresAt <= call.now) return null;
  recordUse(call, holder);
  return holder;
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
