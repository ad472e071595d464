/** What a tenant's services are told of a token that was presented to them. */
import { chain, type MaybePromise } from '../../base/maybe-promise.ts';
import type { SessionRecord } from '../entities/session.ts';
import type { Permit } from '../permit.ts';
import { checkToken } from './check.ts';
import type { Consistency } from './resolve.ts';

/**
 * The session of a token; null for all that is no live session of the tenant's. Counts as its
 * user's activity.
 */
export const introspectToken = (
  { call, tenantId }: Permit<'session.introspect'>,
  token: string,
  consistency: Consistency,
): MaybePromise<SessionRecord | null> =>
  chain(checkToken(call, token, { consistency, activity: true, tenantId }), (verdict) =>
    verdict.kind === 'unknown' ? null : verdict.record,
  );
