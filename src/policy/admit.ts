/** Who is asking, unless it asks too often. For what people and programs call; the routes of proxies have no limits. */
import { Fault, unauthenticated } from '../base/faults.ts';
import type { Credential, Issuer } from '../base/issuer.ts';
import type { Call, Caller, Isolate, Lane } from '../domain/permit.ts';
import {
  authenticate,
  bearerToken,
  type Handover,
  isOperatorKey,
  refusedHeader,
} from './authenticate.ts';
import { isWithin, type Limits, networkOf, stayWithin, tooFast, tooMany } from './limits.ts';
import { countsFor, isRefused, newLane, take } from './pace.ts';

export interface LimitedHandover extends Handover {
  limits: Limits;
  /** What the call counted when it knocked, in units. */
  counted?: number;
}

/** Whoever was told that it was too much is told so again, without anybody being asked, for so many milliseconds. */
const REFUSED_MS = 1_000;
/** So many bytes of a body are one more unit. */
const BYTES_A_UNIT = 10_000;
const MOST_BYTES = 1_000_000;
/** A credential is of one tenant for ever: for how long that is remembered, in milliseconds. */
const TENANT_MS = 86_400_000;

/** Throws LIMITED, and remembers that for a moment. `id`: of a credential or a tenant. */
async function count(
  { isolate, now }: Call,
  limit: RateLimit,
  id: string,
  times: number,
): Promise<void> {
  const counts = await Promise.all(Array.from({ length: times }, () => isWithin(limit, id)));
  if (counts.every(Boolean)) return;
  isolate.limited.set(id, true, now + REFUSED_MS);
  throw tooMany();
}

/** What is left to do for units that a tenant has taken. */
interface Taken {
  /** Counts them against the tenant's limit. Throws LIMITED. */
  count(): Promise<void>;
  /** Waits until it is their turn. */
  wait(): Promise<void>;
}

/** One session takes at most this part of what its tenant may go on with, so that one user starves no company. */
const OF_A_SESSION = 1 / 4;

/** Who takes units: a tenant, and the session where it is one that asks. */
interface Taker {
  tenantId: number;
  sessionId: string | undefined;
}

function laneOf({ isolate: { lanes }, now }: Call, name: string): Lane {
  const lane = lanes.get(name, now) ?? newLane();
  lanes.set(name, lane, Number.POSITIVE_INFINITY);
  return lane;
}

/** Takes what is asked for, by this isolate's memory alone: what a session is refused is not its tenant's. Throws LIMITED. */
function takeUnits(
  call: Call,
  { tenantId, sessionId }: Taker,
  units: number,
  { callsByTenant, unitsPerSecond }: Limits,
): Taken {
  const now = Date.now();
  const waits: number[] = [];
  const takeFrom = (lane: Lane, perSecond: number) => {
    const wait = take(lane, units, perSecond, now);
    if (wait === null) throw tooFast();
    waits.push(wait);
  };
  if (sessionId !== undefined) takeFrom(laneOf(call, sessionId), OF_A_SESSION * unitsPerSecond);
  const name = String(tenantId);
  const lane = laneOf(call, name);
  takeFrom(lane, unitsPerSecond);
  if (call.isolate.limited.get(name, call.now)) throw tooMany();
  return {
    count: () => count(call, callsByTenant, name, countsFor(lane, units)),
    wait: async () => {
      const wait = Math.max(...waits);
      if (wait > 0) await scheduler.wait(wait);
    },
  };
}

/** Throws UNAUTHENTICATED for what was never a credential of ours: guesses count against the network they come from. */
async function refuseGuess(headers: Headers, { refusals }: Limits): Promise<never> {
  const network = networkOf(headers);
  if (network !== '') await stayWithin(refusals, network);
  throw refusedHeader(headers.get('Authorization'));
}

/** What a body counts, by its length. No face takes more than a megabyte. */
const unitsOf = (bytes: number): number =>
  bytes > 0 ? Math.floor(Math.min(bytes, MOST_BYTES) / BYTES_A_UNIT) : 0;

/** What has ended never works again, and costs no more than looking here. */
const isKnownToHaveEnded = (
  { isolate, now }: Pick<Call, 'isolate' | 'now'>,
  { kind, id }: Credential,
): boolean =>
  kind === 'key'
    ? isolate.apiKeys.get(id, now) === null
    : isolate.sessions.get(id, now) === 'ended';

/** What a request would be refused for, as far as this isolate remembers: its credential or its tenant asks for too much. */
export function turnedAwayFor(
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
 * What comes before a call is read: throws LIMITED where a credential, or its tenant, asks for too much, and asks no
 * store for that. May wait for a moment, and so comes before the call's time begins. `units`: what a call counts. What a
 * body counts is not among them: whether the credential still counts is asked first, and a body may never come.
 */
export async function knock(handover: LimitedHandover, headers: Headers, units = 1): Promise<void> {
  const { openCall, limits } = handover;
  const header = headers.get('Authorization');
  const token = header === null ? null : bearerToken(header);
  if (header === null || (token !== null && isOperatorKey(token))) return;
  const call = openCall();
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
  handover.counted = taken ? units : 0;
  await taken?.wait();
  await count(call, limits.calls, id, 1);
  await taken?.count();
}

/**
 * The caller of a request that has knocked. A genuine credential that has ended is refused, and is no guess: nobody else
 * is told that it was too much. Counts what could not be counted when it knocked: all, where it was not known whose the
 * credential is; the body. `bytes`: of the body that was read. Throws LIMITED.
 */
export async function admit(
  call: Call,
  headers: Headers,
  { operatorKeys, limits, counted = 0 }: LimitedHandover,
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
