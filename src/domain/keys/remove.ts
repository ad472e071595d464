/**
 * Removes an API key. It can change nothing from then on, and stops working within 30 s everywhere.
 */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { publicId } from '../../base/credential-advice.ts';
import { refuse } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { k, source } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { returning, select, update } from '../../db/statements.ts';
import { type Ended, endMinted, publishMintedEnds } from '../endings/end.ts';
import { rootOf, works } from '../entities/key.ts';
import type { Permit } from '../permit.ts';
import { mayManage, refuseUnlessManaging, selectCaller, withinCaller } from './key.ts';

const input = v.object({ id: publicId, endMinted: v.nullish(v.boolean(), false) });

export interface KeyToRemove {
  id: string;
  /**
   * Whether everything that the key made ends too. This works even if the key itself is already
   * gone.
   */
  endMinted?: boolean | null | undefined;
}

/** A query in brackets for the root id of the key. */
const rootOfKey = ({ tenantId }: Permit<string>, id: string): SQL =>
  sql`(SELECT ${rootOf} FROM ${source(k)} WHERE ${k.id} = ${id} AND ${k.tenantId} = ${tenantId})`;

/** Removes the one key `k` that fits. */
const removal = (permit: Permit<'apiKey.remove'>, fits: SQL) => ({
  keyEvent: event(
    permit,
    { action: permit.action, subject: { apiKeyId: k.id } },
    sql`FROM ${source(k)} WHERE ${fits}`,
  ),
  mintedKeys: returning(update(k, { removedAt: permit.now }, sql`WHERE ${fits}`), {
    id: k.id,
    isSame: sql<0 | 1>`1`,
  }),
});

/**
 * Removes a key. A key that is unknown, removed or another tenant's is ignored. `modified` counts
 * what else ended. Throws FORBIDDEN for a key that has more than the calling one.
 */
export async function removeApiKey(
  permit: Permit<'apiKey.remove'>,
  raw: KeyToRemove,
): Promise<{ modified: Ended }> {
  const { id, endMinted: andMinted } = parse(input, raw);
  const { tenantId, now, db, call } = permit;
  const state = andMinted ? sql`1` : works(now);
  const target = sql`${k.id} = ${id} AND ${k.tenantId} = ${tenantId} AND ${state}`;
  const manageable = sql`${target} AND ${withinCaller(permit)} AND ${mayManage(permit)}`;
  const from = sql`FROM ${source(k)} WHERE ${manageable}`;
  const asked = {
    callerNow: selectCaller(permit),
    key: select({ within: withinCaller(permit) }, sql`FROM ${source(k)} WHERE ${target}`),
  };
  const { callerNow, key, ...ended } = andMinted
    ? await db.batch({ ...asked, ...endMinted(permit, 'key', rootOfKey(permit, id), from) })
    : {
        ...(await db.batch({ ...asked, ...removal(permit, manageable) })),
        ...{ mintedSessions: [], mintedMembers: [], mintedWithdrawn: [], mintedRest: [] },
        mintedWebhooks: [],
      };
  call.isolate.apiKeys.delete(id);
  refuseUnlessManaging(permit, callerNow[0]);
  if (key[0]?.within === 0) {
    throw refuse(
      'FORBIDDEN',
      ['id'],
      'You cannot remove a key that has more scopes than you, or outlives yours.',
    );
  }
  publishMintedEnds(call, ended);
  const { mintedSessions, mintedKeys, mintedMembers, mintedWebhooks } = ended;
  return {
    modified: {
      sessions: mintedSessions.length,
      keys: mintedKeys.filter(({ isSame }) => !isSame).length,
      members: mintedMembers.length,
      webhooks: mintedWebhooks.length,
    },
  };
}
