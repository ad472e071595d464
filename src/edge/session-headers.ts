/** The headers that say whose session a token is of. */
import { NO_STORE } from '../base/response-headers.ts';
import type { CachedRecord } from '../domain/isolate.ts';

/** The headers of `/verify` that are the same for every question. RPC returns their values. */
export type SessionHeaders = typeof NO_STORE & {
  'X-Latchkey-User': string;
  /** Percent-encoded. */
  'X-Latchkey-External-Id': string;
  'X-Latchkey-Tenant': string;
  /** RFC 3339, UTC. */
  'X-Latchkey-Expires-At': string;
};

/**
 * The headers of a session. They are made once for each cached session: formatting the numbers and
 * the time takes a third of a warm check's own work.
 */
export function sessionHeadersOf(cached: CachedRecord): SessionHeaders {
  const { userId, externalId, tenantId, expiresAt } = cached.record;
  cached.headers ??= {
    ...NO_STORE,
    'X-Latchkey-User': String(userId),
    'X-Latchkey-External-Id': encodeURIComponent(externalId ?? ''),
    'X-Latchkey-Tenant': String(tenantId),
    'X-Latchkey-Expires-At': new Date(expiresAt).toISOString(),
  } satisfies SessionHeaders;
  return cached.headers as SessionHeaders;
}
