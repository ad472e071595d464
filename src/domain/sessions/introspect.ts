/** Introspection of a token by a tenant's service. */
import { chain, type MaybePromise } from '../../base/maybe-promise.ts';
import type { SessionRecord } from '../entities/session.ts';
import type { Permit } from '../permit.ts';
import { checkToken } from './check.ts';
import type { Consistency } from './resolve.ts';

/**
 * The session of a token. Null unless it is a live session of the tenant. Counts as activity of the
 * user.
 */
export const introspectToken = (
  { call, tenantId }: Permit<'session.introspect'>,
  token: string,
  consistency: Consistency,
): MaybePromise<SessionRecord | null> =>
  chain(checkToken(call, token, { consistency, activity: true, tenantId }), (verdict) =>
    verdict.kind === 'unknown' ? null : verdict.record,
  );
