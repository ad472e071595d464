/** Who is asking: from the Authorization header to a Caller. */
import { badCredential, type Fault } from '../base/faults.ts';
import type { Credential } from '../base/issuer.ts';
import { adviceOn } from '../base/presented.ts';
import { hashSecret, sameHash } from '../base/secrets.ts';
import { type Soon, when } from '../base/soon.ts';
import { apiKeyHolder } from '../domain/keys/find.ts';
import type { ApiKeyHolder, Call, Caller } from '../domain/permit.ts';
import { askPresented } from '../domain/sessions/truth.ts';

/** The scheme in any letter case (RFC 9110, 11.1), then the token (RFC 6750, 2.1). */
const BEARER = /^bearer +([A-Za-z0-9._~+/=-]+)$/i;

/** The token of an Authorization header; null where it holds none of the kind. */
export const bearerToken = (header: string): string | null => BEARER.exec(header)?.[1] ?? null;

/** Whether a token looks like an operator's key; whether it is one is another question. */
export const isOperatorKey = (token: string): boolean => token.startsWith('lk_op_');

/** The refusal of an Authorization header. It goes by the looks of what was sent alone. */
export const refusedHeader = (header: string | null): Fault =>
  badCredential(header === null ? '' : adviceOn(header, ['key', 'ses', 'op']));

/**
 * Who is asking: at once where this isolate knows the key. No header: a guest. Throws
 * UNAUTHENTICATED, the same for every reason, where the header holds no credential of ours that
 * works. A forged or mistyped one costs no I/O.
 */
export function authenticate(
  call: Call,
  header: string | null,
  operatorKeys: readonly string[],
): Soon<Caller> {
  if (header === null) return { kind: 'guest' };
  const token = bearerToken(header);
  return when(token && recognise(call, token, operatorKeys), (caller) => {
    if (!caller) throw refusedHeader(header);
    return caller;
  });
}

function recognise(
  call: Call,
  token: string,
  operatorKeys: readonly string[],
): Soon<Caller | null> {
  if (isOperatorKey(token)) return recogniseOperator(token, operatorKeys);
  return when(
    call.issuer.recognise(token, call.now),
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

const toCaller = (holder: ApiKeyHolder | null): Caller | null =>
  holder && {
    kind: 'key',
    tenantId: holder.tenantId,
    tenantName: holder.tenantName,
    key: holder.key,
  };

const recognisers = {
  key: (call, credential) => when(apiKeyHolder(call, credential), toCaller),
  async ses(call, credential) {
    const presented = await askPresented(call, credential);
    if (!presented) return null;
    const { id, tenantId, userId, renewAfter, madeBy, level } = presented;
    const session = { id, userId, renewAfter, madeBy };
    return level === null
      ? { kind: 'endUser', tenantId, session }
      : { kind: 'member', tenantId, session, level };
  },
  /** Resets a password, and opens nothing else. */
  rst: () => null,
} satisfies Record<Credential['kind'], (call: Call, credential: Credential) => Soon<Caller | null>>;
