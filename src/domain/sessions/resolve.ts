/**
 * From a token to its session's record: keyed checksum, then isolate memory, then KV, then D1. It is answered from the
 * nearest copy that may be believed, and nothing is written on the way.
 */
import { sql } from 'drizzle-orm';
import { within } from '../../base/deadline.ts';
import { isUnavailable } from '../../base/faults.ts';
import { sameHash } from '../../base/secrets.ts';
import { isLate } from '../../db/connect.ts';
import type { Call } from '../permit.ts';
import {
  type Remembered,
  recall,
  recallAsked,
  remember,
  rememberAsked,
  rememberCopy,
} from './memory.ts';
import { copyKey, publish, sameRecord } from './publish.ts';
import { readRecord, type SessionRecord, selectRecords, toRecord } from './record.ts';
import { renew } from './renew.ts';
import { standing } from './slide.ts';

/** A KV read that takes longer is no longer waited for, in milliseconds: D1 is asked. */
const KV_PATIENCE_MS = 500;
const LATE = Symbol('late');
/** With D1 away as well, so much longer. */
const LAST_PATIENCE_MS = 3_000;
/** Least lifetime that KV lets a location cache a value for. */
const KV_CACHE_SECONDS = 30;

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

async function askKv(call: Call, id: string): Promise<SessionRecord | null> {
  try {
    return readRecord(await call.kv.get(copyKey(id), { type: 'json', cacheTtl: KV_CACHE_SECONDS }));
  } catch {
    // KV away or a copy that is not JSON: the truth is in D1.
    return null;
  }
}

/**
 * The truth. `copy` is what a copy said, `undefined` where none was asked: where that differs from the truth, KV's copy
 * is brought up to date behind the answer, and so is one that may be there of a session that has ended.
 */
export async function askD1(
  call: Call,
  id: string,
  copy?: SessionRecord | null,
): Promise<SessionRecord | null> {
  const rows = await call.db.read(selectRecords(sql`s.id = ${id}`, call.now));
  const record = toRecord(rows[0], call.now);
  const knownToHaveEnded = recall(call, id) === 'ended';
  remember(call, id, record);
  const stale = copy === undefined ? !record && !knownToHaveEnded : !sameRecord(copy, record);
  if (stale) publish(call, [{ id }], rows);
  return record;
}

/** Past a copy's time the question to D1 is the renewal: one round trip tells whether it lives and makes it slide. */
async function renewOrAsk(
  call: Call,
  id: string,
  copy: SessionRecord,
): Promise<SessionRecord | null> {
  try {
    return await renew(call, id);
  } catch (fault) {
    if (!isUnavailable(fault) || isLate(fault)) throw fault;
    // D1 may answer what it cannot write.
    const record = await askD1(call, id, copy);
    if (record) {
      remember(call, id, record, true);
      call.degrade('unrenewed');
    }
    return record;
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
  let late: Promise<SessionRecord | null> | undefined;
  if (!known) {
    const asking = askKv(call, id);
    const copy = await within<SessionRecord | null, typeof LATE>(KV_PATIENCE_MS, asking, LATE);
    // While KV was asked, D1 may have told this isolate more.
    known = recall(call, id);
    if (copy === LATE) late = asking;
    else if (copy && !known) {
      rememberCopy(call, copy);
      known = { record: copy, fromD1: false };
    }
  }
  if (known === 'ended') return null;
  if (known && believe(call, known)) return { record: known.record, fresh: false };

  const copy = known?.record ?? null;
  // What a token is of never changes: D1 need not be asked about another's.
  if (copy && !isWanted(copy)) return null;
  try {
    const record = await (copy && activity ? renewOrAsk(call, id, copy) : askD1(call, id, copy));
    return record && { record, fresh: true };
  } catch (fault) {
    if (!isUnavailable(fault)) throw fault;
    const left = copy ?? (late && (await within(LAST_PATIENCE_MS, late, null)));
    if (!left) throw fault;
    if (!copy) rememberCopy(call, left);
    rememberAsked(call, id, 'unanswered');
    if (!believe(call, { record: left, fromD1: false })) throw fault;
    return { record: left, fresh: false };
  }
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

  const found: Resolved | null =
    consistency === 'STRICT'
      ? await askD1(call, id).then((record) => record && { record, fresh: true })
      : await findRecord(call, id, activity, isWanted);
  const holds = found && found.record.expiresAt > call.now && isWanted(found.record);
  return holds ? found : null;
}
