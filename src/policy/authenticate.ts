/** Who is asking: from the Authorization header to a Caller. */
import { badCredential, type Fault } from '../base/faults.ts';
import type { Credential } from '../base/issuer.ts';
import { adviceOn } from '../base/presented.ts';
import { hashSecret, sameHash } from '../base/secrets.ts';
import { apiKeyHolder } from '../domain/callers/key-holder.ts';
import type { Caller } from '../domain/credentials.ts';
import type { Call } from '../domain/permit.ts';
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
 * No header: a guest. A header that holds no credential of ours that works: UNAUTHENTICATED, the
 * same for every reason. A forged or mistyped one costs no I/O.
 */
export async function authenticate(
  call: Call,
  header: string | null,
  operatorKeys: readonly string[],
): Promise<Caller> {
  if (header === null) return { kind: 'guest' };
  const token = bearerToken(header);
  const caller = token === null ? null : await recognise(call, token, operatorKeys);
  if (!caller) throw refusedHeader(header);
  return caller;
}

async function recognise(
  call: Call,
  token: string,
  operatorKeys: readonly string[],
): Promise<Caller | null> {
  if (isOperatorKey(token)) {
    const hash = await hashSecret(token);
    const hashes = await Promise.all(operatorKeys.map(hashSecret));
    return hashes.some((key) => sameHash(key, hash)) ? { kind: 'operator' } : null;
  }
  const credential = await call.issuer.recognise(token, call.now);
  return credential && recognisers[credential.kind](call, credential);
}

const recognisers = {
  async key(call, credential) {
    const holder = await apiKeyHolder(call, credential);
    if (!holder) return null;
    const { tenantId, tenantName, key } = holder;
    return { kind: 'key', tenantId, tenantName, key };
  },
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
  rst: async () => null,
} satisfies Record<
  Credential['kind'],
  (call: Call, credential: Credential) => Promise<Caller | null>
>;
