/**
 * Who is asking, unless it asks too often. For what people and programs call: the routes of proxies
 * have no limits.
 */

import { Fault, unauthenticated } from '../base/faults.ts';
import type { Credential, Issuer } from '../base/issuer.ts';
import { DAY } from '../base/time.ts';
import type { Caller } from '../domain/credentials.ts';
import type { Isolate } from '../domain/isolate.ts';
import type { Call } from '../domain/permit.ts';
import { authenticate, bearerToken, isOperatorKey, refusedHeader } from './authenticate.ts';
import { type Limits, networkOf, stayWithin, tooFast, tooMany } from './limits.ts';
import { isRefused } from './pace.ts';
import type { RequestContext } from './request-context.ts';
import { count, OF_A_SESSION, takeUnits, unitsOf } from './units.ts';

/** A credential is of one tenant for ever. How long that is remembered, in milliseconds. */
const TENANT_MS = DAY;

/**
 * Throws UNAUTHENTICATED for what was never a credential of ours: guesses count against the network
 * that they come from.
 */
async function refuseGuess(headers: Headers, { refusals }: Limits): Promise<never> {
  const network = networkOf(headers);
  if (network !== '') await stayWithin(refusals, network);
  throw refusedHeader(headers.get('Authorization'));
}

/** What has ended never works again, and costs no more than looking here. */
const isKnownToHaveEnded = (
  { isolate, now }: Pick<Call, 'isolate' | 'now'>,
  { kind, id }: Credential,
): boolean =>
  kind === 'key'
    ? isolate.apiKeys.get(id, now) === null
    : isolate.sessions.get(id, now) === 'ended';

/**
 * What a request would be refused for, as far as this isolate remembers: its credential or its
 * tenant asks for too much. Null: for nothing.
 */
export function rateLimitFault(
  isolate: Isolate,
  issuer: Issuer,
  headers: Headers,
  unitsPerSecond: number,
): Fault | null {
  const now = Date.now();
  const token = bearerToken(headers.get('Authorization') ?? '');
  const credential = token === null ? undefined : issuer.recall(token, now);
  if (!credential || isKnownToHaveEnded({ isolate, now }, credential)) return null;
  const { kind, id } = credential;
  const { tenants, lanes, limited } = isolate;
  if (limited.get(id, now)) return tooMany();
  const isFull = (name: string, perSecond: number): boolean => {
    const lane = lanes.get(name, now);
    return lane !== undefined && isRefused(lane, 1, perSecond, now);
  };
  const tenant = String(tenants.get(id, now));
  if (kind === 'ses' && isFull(id, OF_A_SESSION * unitsPerSecond)) return tooFast();
  if (isFull(tenant, unitsPerSecond)) return tooFast();
  return limited.get(tenant, now) ? tooMany() : null;
}

/**
 * What comes before a call is read: throws LIMITED where a credential, or its tenant, asks for too
 * much, and asks no store for that. It may wait for a moment, so it comes before the call's time
 * begins. `units`: what a call counts, without its body: whether the credential still counts is
 * asked first, and a body may never come.
 */
export async function knock(context: RequestContext, headers: Headers, units = 1): Promise<void> {
  const { limits } = context;
  const header = headers.get('Authorization');
  const token = header === null ? null : bearerToken(header);
  if (header === null || (token !== null && isOperatorKey(token))) return;
  const call = context.openCall();
  const credential = token === null ? null : await call.issuer.recognise(token, call.now);
  if (!credential) return refuseGuess(headers, limits);
  if (isKnownToHaveEnded(call, credential)) throw unauthenticated(true);
  // The id of what is genuine can be believed: we made it.
  const { kind, id } = credential;
  const { limited, tenants } = call.isolate;
  if (limited.get(id, call.now)) throw tooMany();
  const tenantId = tenants.get(id, call.now);
  const sessionId = kind === 'ses' ? id : undefined;
  const taken =
    tenantId === undefined ? null : takeUnits(call, { tenantId, sessionId }, units, limits);
  context.counted = taken ? units : 0;
  await taken?.wait();
  await count(call, limits.calls, id, 1);
  await taken?.count();
}

/**
 * The caller of a request that has knocked. A genuine credential that has ended is refused, and is
 * no guess: nobody else is told that it was too much. Counts what could not be counted when it
 * knocked: the body, and all where the tenant of the credential was not known. `bytes`: of the body
 * that was read. Throws LIMITED.
 */
export async function admit(
  call: Call,
  headers: Headers,
  { operatorKeys, limits, counted }: RequestContext,
  bytes = 0,
): Promise<Caller> {
  const header = headers.get('Authorization');
  try {
    const caller = await authenticate(call, header, operatorKeys);
    learnTenant(call, caller);
    await charge(call, caller, limits, Math.max(0, 1 + unitsOf(bytes) - counted));
    return caller;
  } catch (fault) {
    if (!(fault instanceof Fault) || fault.code !== 'UNAUTHENTICATED') throw fault;
    const token = bearerToken(header ?? '');
    const credential = token === null ? null : await call.issuer.recognise(token, call.now);
    if (!credential) return refuseGuess(headers, limits);
    // What has ended takes nothing from its tenant any more.
    call.isolate.tenants.delete(credential.id);
    throw fault;
  }
}

/** A credential that is known knocks at its tenant's limit. */
function learnTenant({ isolate: { tenants }, now }: Call, caller: Caller): void {
  if (!('tenantId' in caller)) return;
  const { id } = caller.kind === 'key' ? caller.key : caller.session;
  tenants.set(id, caller.tenantId, now + TENANT_MS);
}

/** Counts what a call turned out to cost besides, once that is known. Throws LIMITED. */
export async function charge(
  call: Call,
  caller: Caller,
  limits: Limits,
  units: number,
): Promise<void> {
  if (units === 0 || !('tenantId' in caller)) return;
  const { tenantId } = caller;
  const sessionId = 'session' in caller ? caller.session.id : undefined;
  await takeUnits(call, { tenantId, sessionId }, units, limits).count();
}
