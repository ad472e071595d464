/** Authentication: from a credential to a Caller. */
import { adviceOnHeader } from '../base/credential-advice.ts';
import { badCredential, Fault } from '../base/faults.ts';
import type { Credential } from '../base/issuer.ts';
import { chain, type MaybePromise } from '../base/maybe-promise.ts';
import { hashSecret, sameHash } from '../base/secrets.ts';
import { apiKeyHolder } from '../domain/callers/key-holder.ts';
import type { ApiKeyHolder, Caller } from '../domain/credentials.ts';
import type { Call } from '../domain/permit.ts';
import { slideExpiry } from '../domain/sessions/sliding-expiry.ts';
import { readTokenSession } from '../domain/sessions/source-of-truth.ts';
import { isEnrolment, verifyEnrolment } from './enrolment.ts';
import { isOperatorSession, readOperatorSession } from './operator-session.ts';
import type { RequestContext } from './request-context.ts';

type Place = RequestContext['credentialIn'];
type Presented = Pick<RequestContext, 'credentialIn' | 'operatorKeys'>;

/**
 * The scheme in any letter case (RFC 9110, section 11.1), then the token (RFC 6750, section 2.1).
 */
const BEARER = /^bearer +([A-Za-z0-9._~+/=-]+)$/i;

/** The token of an Authorization header. Null if it has none. */
export const bearerToken = (header: string): string | null => BEARER.exec(header)?.[1] ?? null;

const isOperatorKey = (token: string): boolean => token.startsWith('lk_op_');

/**
 * Whether a token looks like one that no store knows: the operator's key or session, or that of an
 * enrolment. It may still be wrong.
 */
export const isUnstored = (token: string): boolean =>
  isOperatorKey(token) || isOperatorSession(token) || isEnrolment(token);

const BAD_COOKIE = new Fault(
  'UNAUTHENTICATED',
  'You are not signed in to the console, or no longer. Sign in again.',
  { presented: true },
);

/** The refusal of a credential. It depends only on its place and on what it looks like. */
export function refused(header: string | null, place: Place): Fault {
  if (place === 'cookie') return BAD_COOKIE;
  return badCredential(header === null ? '' : adviceOnHeader(header, ['key', 'ses', 'op']));
}

/** The refusal of a credential that has ended. */
export const ended = (place: Place): Fault => (place === 'cookie' ? BAD_COOKIE : badCredential(''));

/**
 * The caller of a request: at once if this isolate knows the key. Without a header: a guest. Throws
 * UNAUTHENTICATED, the same for every reason, if the header has no valid credential. A forged or
 * mistyped one costs no I/O. Below `/console`, the header holds what the cookie held.
 */
export function authenticate(
  call: Call,
  header: string | null,
  presented: Presented,
): MaybePromise<Caller> {
  if (header === null) return { kind: 'guest' };
  const token = bearerToken(header);
  return chain(token && recognise(call, token, presented), (caller) => {
    if (!caller) throw refused(header, presented.credentialIn);
    return caller;
  });
}

function recognise(call: Call, token: string, presented: Presented): MaybePromise<Caller | null> {
  const { credentialIn, operatorKeys } = presented;
  if (isOperatorKey(token)) {
    return credentialIn === 'header' ? recogniseOperator(token, operatorKeys) : null;
  }
  if (isOperatorSession(token)) {
    if (credentialIn !== 'cookie') return null;
    const provedAt = readOperatorSession(call, token, operatorKeys);
    return provedAt === null ? null : { kind: 'operator', provedAt };
  }
  if (isEnrolment(token)) return credentialIn === 'cookie' ? verifyEnrolment(call, token) : null;
  return chain(
    call.issuer.verifyCached(token, call.now),
    (credential) => credential && recognisers[credentialIn][credential.kind](call, credential),
  );
}

const OPERATOR: Caller = { kind: 'operator' };

/** The operator, if it is one of the keys. */
export async function recogniseOperator(
  token: string,
  operatorKeys: readonly string[],
): Promise<Caller | null> {
  const hash = await hashSecret(token);
  const hashes = await Promise.all(operatorKeys.map(hashSecret));
  return hashes.some((key) => sameHash(key, hash)) ? OPERATOR : null;
}

const keyCaller = (holder: ApiKeyHolder | null): Caller | null =>
  holder && {
    kind: 'key',
    tenantId: holder.tenantId,
    tenantName: holder.tenantName,
    key: holder.key,
  };

type Recognise = (call: Call, credential: Credential) => MaybePromise<Caller | null>;

const ofSession = async (call: Call, credential: Credential) => {
  const tokenSession = await readTokenSession(call, credential);
  if (!tokenSession) return null;
  const { id, tenantId, userId, renewAfter, madeBy, level } = tokenSession;
  const provedAt = credential.kind === 'con' ? tokenSession.provedAt : null;
  const session = { id, userId, renewAfter, madeBy, provedAt };
  return level === null
    ? ({ kind: 'endUser', tenantId, session } as const)
    : ({ kind: 'member', tenantId, session, level } as const);
};

/** In the console, every call counts as activity. */
async function ofConsole(call: Call, credential: Credential): Promise<Caller | null> {
  const caller = await ofSession(call, credential);
  if (caller) slideExpiry(call, caller.session);
  return caller;
}

const nobody = () => null;

/** A reset token sets a password and is no credential for calls. */
const recognisers = {
  header: {
    key: (call, credential) => chain(apiKeyHolder(call, credential), keyCaller),
    ses: ofSession,
    con: nobody,
    rst: nobody,
  },
  cookie: { key: nobody, ses: nobody, con: ofConsole, rst: nobody },
} satisfies Record<Place, Record<Credential['kind'], Recognise>>;
