/**
 * From a token to its session's record: keyed checksum, then isolate memory, then KV, then D1. It is answered from the
 * nearest copy that may be believed, and nothing is written on the way.
 */
import { within } from '../../base/deadline.ts';
import { isUnavailable } from '../../base/faults.ts';
import { sameHash } from '../../base/secrets.ts';
import type { Call } from '../permit.ts';
import { type Remembered, recall, recallAsked, rememberCopy } from './memory.ts';
import { copyKey, KV_CACHE_SECONDS } from './publish.ts';
import { readRecord, type SessionRecord } from './record.ts';
import { standing } from './slide.ts';
import { askInDoubt, askStrictly } from './truth.ts';

/** A KV read that takes longer is no longer waited for, in milliseconds: D1 is asked. */
const KV_PATIENCE_MS = 500;
/** With D1 away as well, so much longer. */
const LAST_PATIENCE_MS = 1_000;

/** FAST: from copies where these may be believed. STRICT: from D1. */
export type Consistency = 'FAST' | 'STRICT';

export interface ResolveOptions {
  consistency: Consistency;
  /** Whether being shown the token counts as its user's activity. */
  activity: boolean;
  /** Only this tenant's sessions are known. */
  tenantId?: number | undefined;
}

export interface Resolved {
  record: SessionRecord;
  /** Whether D1 told it in this very call. */
  fresh: boolean;
}

/** What KV has: null for nothing, or for garbage; undefined when it cannot say. */
async function askKv(call: Call, id: string): Promise<SessionRecord | null | undefined> {
  try {
    return readRecord(await call.kv.get(copyKey(id), { type: 'json', cacheTtl: KV_CACHE_SECONDS }));
  } catch (error) {
    return error instanceof SyntaxError ? null : undefined;
  }
}

/** Whether what an isolate remembers may be answered from, without asking further. */
function believe(call: Call, { record, fromD1, unrenewed }: Remembered): boolean {
  if (fromD1) {
    if (unrenewed) call.degrade('unrenewed');
    return true;
  }
  switch (standing(record, call.now)) {
    case 'current':
    case 'due':
      return true;
    case 'overdue':
      if (recallAsked(call, record.id) !== 'unanswered') return false;
      call.degrade('unconfirmed');
      return true;
    default:
      return false;
  }
}

/** The record of a session by its id, if `isWanted`. UNAVAILABLE when no store that may say so can. */
async function findRecord(
  call: Call,
  id: string,
  activity: boolean,
  isWanted: (record: SessionRecord) => boolean,
): Promise<Resolved | null> {
  let known = recall(call, id);
  let copy: SessionRecord | null | undefined;
  let asking: Promise<SessionRecord | null | undefined> | undefined;
  if (!known) {
    asking = askKv(call, id);
    copy = await within(KV_PATIENCE_MS, asking, undefined);
    // While KV was asked, D1 may have told this isolate more.
    known = recall(call, id);
    if (copy && !known) {
      rememberCopy(call, copy);
      known = { record: copy, fromD1: false };
    }
  }
  if (known === 'ended') return null;
  if (known && believe(call, known)) return { record: known.record, fresh: false };

  if (known) copy = known.record;
  // What a token is of never changes: D1 need not be asked about another's.
  if (copy && !isWanted(copy)) return null;
  try {
    const record = await askInDoubt(call, id, copy, copy != null && activity);
    return record && { record, fresh: true };
  } catch (fault) {
    if (!isUnavailable(fault)) throw fault;
    copy ??= asking && (await within(LAST_PATIENCE_MS, asking, undefined));
    known = recall(call, id);
    if (known === 'ended') return null;
    if (copy && !known) {
      rememberCopy(call, copy);
      known = { record: copy, fromD1: false };
    }
    if (!known || !believe(call, known)) throw fault;
    return { record: known.record, fresh: false };
  }
}

async function findStrictly(call: Call, id: string): Promise<Resolved | null> {
  const record = await askStrictly(call, id);
  return record && { record, fresh: true };
}

/** The record for a token; null when no live session has it. UNAVAILABLE when no store that may say so can. */
export async function resolveToken(
  call: Call,
  token: string,
  { consistency, activity, tenantId }: ResolveOptions,
): Promise<Resolved | null> {
  const credential = await call.issuer.recognise(token, call.now);
  if (credential?.kind !== 'ses') return null;
  const { id, hash } = credential;
  const isWanted = (record: SessionRecord): boolean =>
    sameHash(record.hash, hash) && (tenantId === undefined || record.tenantId === tenantId);

  const found =
    consistency === 'STRICT'
      ? await findStrictly(call, id)
      : await findRecord(call, id, activity, isWanted);
  const holds = found && found.record.expiresAt > call.now && isWanted(found.record);
  return holds ? found : null;
}
