/**
 * Removing an API key: it changes nothing from then on, and stops working within 30 s everywhere.
 */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuse } from '../../base/faults.ts';
import { publicId } from '../../base/presented.ts';
import { parse } from '../../base/text.ts';
import { k, source } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { returning, select, update } from '../../db/statements.ts';
import { announce, type Ended, endMinted } from '../endings/end.ts';
import { rootOf, works } from '../entities/key.ts';
import type { Permit } from '../permit.ts';
import { mayManage, refuseUnlessManaging, selectCaller, withinCaller } from './key.ts';

const input = v.object({ id: publicId, endMinted: v.nullish(v.boolean(), false) });

export interface KeyToRemove {
  id: string;
  /** Whether all that the key made ends with it, be the key gone already. */
  endMinted?: boolean | null | undefined;
}

/** The first key of its rotations, as a query in brackets. */
const rootOfKey = ({ tenantId }: Permit<string>, id: string): SQL =>
  sql`(SELECT ${rootOf} FROM ${source(k)} WHERE ${k.id} = ${id} AND ${k.tenantId} = ${tenantId})`;

/** The removal of the keys `k` that fit: of one alone. */
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
 * A key that is unknown, gone or another tenant's is left alone. `modified` is what ended besides
 * the key. Throws FORBIDDEN for a key that has more than the calling one.
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
      };
  call.isolate.apiKeys.delete(id);
  refuseUnlessManaging(permit, callerNow[0]);
  if (key[0]?.within === 0) {
    throw refuse(
      'FORBIDDEN',
      ['id'],
      'Your key cannot remove one that has more scopes or outlives it.',
    );
  }
  announce(call, ended);
  const { mintedSessions, mintedKeys, mintedMembers } = ended;
  return {
    modified: {
      sessions: mintedSessions.length,
      keys: mintedKeys.filter(({ isSame }) => !isSame).length,
      members: mintedMembers.length,
      webhooks: 0,
    },
  };
}
