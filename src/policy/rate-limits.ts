/**
 * Authenticates callers and enforces rate limits, for calls of people and programs. The routes of
 * proxies have no limits.
 */
import { Fault } from '../base/faults.ts';
import { type Credential, type Issuer, isSessionKind } from '../base/issuer.ts';
import { DAY } from '../base/time.ts';
import type { Caller } from '../domain/credentials.ts';
import type { Isolate } from '../domain/isolate.ts';
import type { Call } from '../domain/permit.ts';
import { authenticate, bearerToken, ended, isUnstored, refused } from './authenticate.ts';
import { type Limits, networkOf, stayWithin, tooFast, tooMany } from './limits.ts';
import type { RequestContext } from './request-context.ts';
import { isRefused } from './throttle.ts';
import { count, SESSION_SHARE, type Taken, takeUnits, unitsOf } from './units.ts';

/** How long the tenant of a credential is cached, in milliseconds. It never changes. */
const TENANT_MS = DAY;

/**
 * Throws UNAUTHENTICATED for what was never a credential of ours. Guesses count against the network
 * that they come from.
 */
async function refuseGuess(
  headers: Headers,
  { limits, credentialIn }: RequestContext,
): Promise<never> {
  const network = networkOf(headers);
  if (network !== '') await stayWithin(limits.refusals, network);
  throw refused(headers.get('Authorization'), credentialIn);
}

/** A credential that has ended never works again. This look-up costs no I/O. */
const isKnownToHaveEnded = (
  { isolate, now }: Pick<Call, 'isolate' | 'now'>,
  { kind, id }: Credential,
): boolean =>
  kind === 'key'
    ? isolate.apiKeys.get(id, now) === null
    : isolate.sessions.get(id, now) === 'ended';

/**
 * The error of a request whose credential or tenant is over its limit, as far as this isolate
 * knows. Null if it is not.
 */
export function rateLimitFault(
  isolate: Isolate,
  issuer: Issuer,
  headers: Headers,
  unitsPerSecond: number,
): Fault | null {
  const now = Date.now();
  const token = bearerToken(headers.get('Authorization') ?? '');
  const credential = token === null ? undefined : issuer.cached(token, now);
  if (!credential || isKnownToHaveEnded({ isolate, now }, credential)) return null;
  const { kind, id } = credential;
  const { tenants, throttles, limited } = isolate;
  if (limited.get(id, now)) return tooMany();
  const isFull = (name: string, perSecond: number): boolean => {
    const throttle = throttles.get(name, now);
    return throttle !== undefined && isRefused(throttle, 1, perSecond, now);
  };
  const tenant = String(tenants.get(id, now));
  if (isSessionKind(kind) && isFull(id, SESSION_SHARE * unitsPerSecond)) return tooFast();
  if (isFull(tenant, unitsPerSecond)) return tooFast();
  return limited.get(tenant, now) ? tooMany() : null;
}

/**
 * Runs before the body of a call is read. Throws LIMITED if the credential or its tenant is over
 * its limit. It asks no store, but may wait a moment: so it runs before the call's clock starts.
 * `units` is what the call costs without its body. The body is charged later, since the credential
 * is checked first and a body may never come.
 */
export async function checkRateLimits(
  context: RequestContext,
  headers: Headers,
  units = 1,
): Promise<void> {
  const { limits } = context;
  const header = headers.get('Authorization');
  const token = header === null ? null : bearerToken(header);
  if (header === null || (token !== null && isUnstored(token))) return;
  const call = context.openCall();
  const credential = token === null ? null : await call.issuer.verifyCached(token, call.now);
  if (!credential) return refuseGuess(headers, context);
  if (isKnownToHaveEnded(call, credential)) throw ended(context.credentialIn);
  // The id of a verified credential is trustworthy: we issued it.
  const { kind, id } = credential;
  const { limited, tenants } = call.isolate;
  if (limited.get(id, call.now)) throw tooMany();
  const tenantId = tenants.get(id, call.now);
  const sessionId = isSessionKind(kind) ? id : undefined;
  const taken =
    tenantId === undefined ? null : takeUnits(call, { tenantId, sessionId }, units, limits);
  context.counted = taken ? units : 0;
  await taken?.wait();
  await count(call, limits.calls, id, 1);
  await taken?.count();
}

/**
 * The caller of a request that passed `checkRateLimits`. Refuses a credential that has ended; this
 * is not counted as a guess. Charges what could not be charged before: the body, and everything if
 * the tenant was not known. `bytes` is the length of the body. Throws LIMITED.
 */
export async function authenticateAndCharge(
  call: Call,
  headers: Headers,
  context: RequestContext,
  bytes = 0,
): Promise<Caller> {
  const { limits, counted } = context;
  const header = headers.get('Authorization');
  try {
    const caller = await authenticate(call, header, context);
    learnTenant(call, caller);
    const units = Math.max(0, 1 + unitsOf(bytes) - counted);
    // A credential that this isolate did not know has not waited for its turn yet.
    await (counted === 0 ? takeTurn : chargeUnits)(call, caller, limits, units);
    return caller;
  } catch (fault) {
    if (!(fault instanceof Fault) || fault.code !== 'UNAUTHENTICATED') throw fault;
    const token = bearerToken(header ?? '');
    const credential = token === null ? null : await call.issuer.verifyCached(token, call.now);
    if (!credential) return refuseGuess(headers, context);
    // An ended credential is not charged to its tenant any more.
    call.isolate.tenants.delete(credential.id);
    throw fault;
  }
}

/** Remembers the tenant of a credential. The next request is charged to it before it is read. */
function learnTenant({ isolate: { tenants }, now }: Call, caller: Caller): void {
  if (!('tenantId' in caller) || caller.kind === 'enrolling') return;
  const { id } = caller.kind === 'key' ? caller.key : caller.session;
  tenants.set(id, caller.tenantId, now + TENANT_MS);
}

type Charge = (call: Call, caller: Caller, limits: Limits, units: number) => Promise<void>;

function takeFrom(call: Call, caller: Caller, limits: Limits, units: number): Taken | null {
  if (units === 0 || !('tenantId' in caller)) return null;
  const { tenantId } = caller;
  const sessionId = 'session' in caller ? caller.session.id : undefined;
  return takeUnits(call, { tenantId, sessionId }, units, limits);
}

/** Charges units and waits until they are due. Throws LIMITED. */
const takeTurn: Charge = async (...charged) => {
  const taken = takeFrom(...charged);
  await taken?.wait();
  await taken?.count();
};

/** Charges further units, once they are known. Throws LIMITED. */
export const chargeUnits: Charge = async (...charged) => {
  await takeFrom(...charged)?.count();
};
