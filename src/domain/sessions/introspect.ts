/** Introspection of a token by a tenant's service. */
import type { Permit } from '../permit.ts';
import { checkToken } from './check.ts';
import type { SessionRecord } from './record.ts';
import type { Consistency } from './resolve.ts';

/**
 * The session of a token. Null unless it is a live session of the tenant. Counts as activity of the
 * user.
 */
export async function introspectToken(
  { call, tenantId }: Permit<'session.introspect'>,
  token: string,
  consistency: Consistency,
): Promise<SessionRecord | null> {
  const verdict = await checkToken(call, token, { consistency, activity: true, tenantId });
  return verdict.kind === 'unknown' ? null : verdict.record;
}
