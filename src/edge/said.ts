/** What the edge says of a session. */
import { NO_STORE } from '../base/wire.ts';
import type { Known } from '../domain/sessions/memory.ts';

/** The headers of a yes of `/verify` that are the same for every question; RPC gives their texts. */
export type Said = typeof NO_STORE & {
  'X-Latchkey-User': string;
  /** Percent-encoded. */
  'X-Latchkey-External-Id': string;
  'X-Latchkey-Tenant': string;
  /** RFC 3339, UTC. */
  'X-Latchkey-Expires-At': string;
};

/** Made once for what is known of a session: to write numbers and times takes a third of an answer. */
export function saidOf(known: Known): Said {
  const { userId, externalId, tenantId, expiresAt } = known.record;
  known.said ??= {
    ...NO_STORE,
    'X-Latchkey-User': String(userId),
    'X-Latchkey-External-Id': encodeURIComponent(externalId ?? ''),
    'X-Latchkey-Tenant': String(tenantId),
    'X-Latchkey-Expires-At': new Date(expiresAt).toISOString(),
  } satisfies Said;
  return known.said as Said;
}
