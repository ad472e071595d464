/** What a tenant's services are told of a token that was presented to them. */

import type { SessionRecord } from '../entities/session.ts';
import type { Permit } from '../permit.ts';
import { checkToken } from './check.ts';
import type { Consistency } from './resolve.ts';

/**
 * The session of a token; null for all that is no live session of the tenant's. Counts as its
 * user's activity.
 */
export async function introspectToken(
  { call, tenantId }: Permit<'session.introspect'>,
  token: string,
  consistency: Consistency,
): Promise<SessionRecord | null> {
  const verdict = await checkToken(call, token, { consistency, activity: true, tenantId });
  return verdict.kind === 'unknown' ? null : verdict.record;
}
