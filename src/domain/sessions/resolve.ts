/**
 * Finds the session of a token: in the isolate's cache, KV or D1, whichever is nearest and fresh
 * enough. Nothing is written on the way. A cached token is answered at once.
 */
import { isUnavailable } from '../../base/faults.ts';
import { type Credential, isHashOf } from '../../base/issuer.ts';
import type { MaybePromise } from '../../base/maybe-promise.ts';
import { withTimeout } from '../../base/timeout.ts';
import type { SessionRecord } from '../entities/session.ts';
import type { CachedRecord, CachedSession } from '../isolate.ts';
import type { Call } from '../permit.ts';
import { cacheCopy, cachedSession, cachedSessionOf, recentlyAsked } from './cache.ts';
import { readCopy } from './kv.ts';
import { freshness } from './sliding-expiry.ts';
import { readInDoubt, readStrictly } from './source-of-truth.ts';

/** How long a KV read is awaited before D1 is asked, in milliseconds. */
const KV_PATIENCE_MS = 500;
/** How much longer, if D1 does not answer either, in milliseconds. */
const LAST_PATIENCE_MS = 1_000;

/** FAST: from copies that are fresh enough. STRICT: from D1. */
export type Consistency = 'FAST' | 'STRICT';

export interface ResolveOptions {
  consistency: Consistency;
  /** Whether presenting the token counts as activity of its user. */
  activity: boolean;
  /** Only sessions of this tenant are accepted. */
  tenantId?: number | undefined;
}

export interface Resolved {
  known: CachedRecord;
  /** Whether D1 said so during this call. */
  fresh: boolean;
}

/**
 * The session of a token. Null if no live session has it. Throws UNAVAILABLE if neither a copy nor
 * D1 answers.
 */
export function resolveToken(
  call: Call,
  token: string,
  options: ResolveOptions,
): MaybePromise<Resolved | null> {
  const known = cachedSessionOf(call, token);
  if (known === 'ended') return null;
  if (!known || options.consistency === 'STRICT') return findSession(call, token, options);
  if (!isOfTenant(known.record, options)) return null;
  if (!believe(call, known)) return findSession(call, token, options);
  return known.record.expiresAt > call.now ? { known, fresh: false } : null;
}

const isOfTenant = ({ tenantId }: SessionRecord, wanted: ResolveOptions): boolean =>
  wanted.tenantId === undefined || wanted.tenantId === tenantId;

/** Whether a cached session may be used without asking further. */
function believe(call: Call, { record, fromD1, unrenewed }: CachedRecord): boolean {
  if (fromD1) {
    if (unrenewed) call.degrade('unrenewed');
    return true;
  }
  switch (freshness(record, call.now)) {
    case 'current':
    case 'due':
      return true;
    case 'overdue':
      if (recentlyAsked(call, record.id) !== 'unanswered') return false;
      call.degrade('unconfirmed');
      return true;
    default:
      return false;
  }
}

/** Finds the session of a token that the cache cannot answer. */
async function findSession(
  call: Call,
  token: string,
  options: ResolveOptions,
): Promise<Resolved | null> {
  const credential = await call.issuer.verify(token);
  if (credential?.kind !== 'ses') return null;
  const { id } = credential;
  const found =
    options.consistency === 'STRICT'
      ? await findStrictly(call, id)
      : await findRecord(call, credential, options);
  const isOwn = found !== null && isHashOf(found.known.record.hash, credential);
  // From now on the token finds the cached session.
  if (isOwn || cachedSession(call, id) === 'ended') call.isolate.sessions.alias(id, token);
  const holds = isOwn && found.known.record.expiresAt > call.now;
  return holds && isOfTenant(found.known.record, options) ? found : null;
}

/**
 * Reads from copies that are fresh enough, else from D1. A record of another token or tenant is
 * returned too: the caller refuses it.
 */
async function findRecord(
  call: Call,
  credential: Credential,
  options: ResolveOptions,
): Promise<Resolved | null> {
  const { id } = credential;
  let known = cachedSession(call, id);
  let asking: Promise<SessionRecord | null | undefined> | undefined;
  let copy: SessionRecord | null | undefined;
  if (!known) {
    asking = readCopy(call, id);
    copy = await call.isolate.kvTimer.withTimeout(KV_PATIENCE_MS, asking);
    known = learn(call, id, copy);
  }
  if (known === 'ended') return null;
  const isMeant = ({ record }: CachedRecord): boolean =>
    isHashOf(record.hash, credential) && isOfTenant(record, options);
  // A record of another token or tenant is refused however fresh it is, without asking D1.
  if (known && (!isMeant(known) || believe(call, known))) return { known, fresh: false };

  if (known) copy = known.record;
  try {
    const record = await readInDoubt(call, id, copy, copy != null && options.activity);
    return freshFromD1(record);
  } catch (fault) {
    if (!isUnavailable(fault)) throw fault;
    copy ??= asking && (await withTimeout(LAST_PATIENCE_MS, asking, undefined));
    known = learn(call, id, copy);
    if (known === 'ended') return null;
    if (!known || (isMeant(known) && !believe(call, known))) throw fault;
    return { known, fresh: false };
  }
}

/** The cached session after KV has answered. D1 may have told this isolate more meanwhile. */
const learn = (
  call: Call,
  id: string,
  copy: SessionRecord | null | undefined,
): CachedSession | undefined =>
  cachedSession(call, id) ?? (copy ? cacheCopy(call, copy) : undefined);

const findStrictly = async (call: Call, id: string): Promise<Resolved | null> =>
  freshFromD1(await readStrictly(call, id));

const freshFromD1 = (record: SessionRecord | null): Resolved | null =>
  record && { known: { record, fromD1: true }, fresh: true };
