/** Authentication: from the Authorization header to a Caller. */
import { adviceOnHeader } from '../base/credential-advice.ts';
import { badCredential, type Fault } from '../base/faults.ts';
import type { Credential } from '../base/issuer.ts';
import { chain, type MaybePromise } from '../base/maybe-promise.ts';
import { hashSecret, sameHash } from '../base/secrets.ts';
import { apiKeyHolder } from '../domain/callers/key-holder.ts';
import type { ApiKeyHolder, Caller } from '../domain/credentials.ts';
import type { Call } from '../domain/permit.ts';
import { readTokenSession } from '../domain/sessions/source-of-truth.ts';

/**
 * The scheme in any letter case (RFC 9110, section 11.1), then the token (RFC 6750, section 2.1).
 */
const BEARER = /^bearer +([A-Za-z0-9._~+/=-]+)$/i;

/** The token of an Authorization header. Null if it has none. */
export const bearerToken = (header: string): string | null => BEARER.exec(header)?.[1] ?? null;

/** Whether a token looks like an operator key. It may still be wrong. */
export const isOperatorKey = (token: string): boolean => token.startsWith('lk_op_');

/** The refusal of an Authorization header. It depends only on what the header looks like. */
export const refusedHeader = (header: string | null): Fault =>
  badCredential(header === null ? '' : adviceOnHeader(header, ['key', 'ses', 'op']));

/**
 * The caller of a request: at once if this isolate knows the key. Without a header: a guest. Throws
 * UNAUTHENTICATED, the same for every reason, if the header has no valid credential. A forged or
 * mistyped one costs no I/O.
 */
export function authenticate(
  call: Call,
  header: string | null,
  operatorKeys: readonly string[],
): MaybePromise<Caller> {
  if (header === null) return { kind: 'guest' };
  const token = bearerToken(header);
  return chain(token && recognise(call, token, operatorKeys), (caller) => {
    if (!caller) throw refusedHeader(header);
    return caller;
  });
}

function recognise(
  call: Call,
  token: string,
  operatorKeys: readonly string[],
): MaybePromise<Caller | null> {
  if (isOperatorKey(token)) return recogniseOperator(token, operatorKeys);
  return chain(
    call.issuer.verifyCached(token, call.now),
    (credential) => credential && recognisers[credential.kind](call, credential),
  );
}

async function recogniseOperator(
  token: string,
  operatorKeys: readonly string[],
): Promise<Caller | null> {
  const hash = await hashSecret(token);
  const hashes = await Promise.all(operatorKeys.map(hashSecret));
  return hashes.some((key) => sameHash(key, hash)) ? { kind: 'operator' } : null;
}

const keyCaller = (holder: ApiKeyHolder | null): Caller | null =>
  holder && {
    kind: 'key',
    tenantId: holder.tenantId,
    tenantName: holder.tenantName,
    key: holder.key,
  };

const recognisers = {
  key: (call, credential) => chain(apiKeyHolder(call, credential), keyCaller),
  async ses(call, credential) {
    const tokenSession = await readTokenSession(call, credential);
    if (!tokenSession) return null;
    const { id, tenantId, userId, renewAfter, madeBy, level } = tokenSession;
    const session = { id, userId, renewAfter, madeBy };
    return level === null
      ? { kind: 'endUser', tenantId, session }
      : { kind: 'member', tenantId, session, level };
  },
  /** A reset token sets a password and is no credential for calls. */
  rst: () => null,
} satisfies Record<
  Credential['kind'],
  (call: Call, credential: Credential) => MaybePromise<Caller | null>
>;
