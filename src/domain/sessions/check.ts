/**
 * The check of a token, at the edge: keyed checksum, then isolate memory, then KV, then D1. It answers from the
 * nearest copy that may be believed and never writes before it answers.
 */
import { sql } from 'drizzle-orm';
import { Fault } from '../../base/faults.ts';
import { readCredential, sameHash } from '../../base/secrets.ts';
import { statement } from '../../db/connect.ts';
import { running } from '../permissions/permission.ts';
import type { Call } from '../permit.ts';
import { copyKey, MEMORY_MS, publish, remember, sameRecord } from './publish.ts';
import {
  type DeviceQuestion,
  grantFor,
  readRecord,
  type SessionRecord,
  selectRecords,
  toRecord,
} from './record.ts';
import { renew, slide } from './renew.ts';
import { checkBy, GRACE } from './slide.ts';

/** How long an isolate takes D1's word that a grant does not exist. */
const DENY_MS = 5_000;
/** Least lifetime that KV lets a location cache a value for. */
const KV_CACHE_SECONDS = 30;

export type Consistency = 'FAST' | 'STRICT';

export interface ResolveOptions {
  consistency: Consistency;
  /** Whether being shown the token counts as its user's activity. */
  activity: boolean;
}

export interface CheckOptions extends ResolveOptions {
  question?: DeviceQuestion;
}

export type Verdict =
  | { kind: 'allowed'; record: SessionRecord }
  | { kind: 'denied'; record: SessionRecord }
  | { kind: 'unknown' };

const live = (record: SessionRecord | null, now: number): record is SessionRecord =>
  record !== null && record.expiresAt > now;

const believable = (record: SessionRecord, now: number): boolean => now < checkBy(record.renewedAt);

const away = (fault: unknown): boolean => fault instanceof Fault && fault.code === 'UNAVAILABLE';

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
async function askD1(
  call: Call,
  id: string,
  copy?: SessionRecord | null,
): Promise<SessionRecord | null> {
  const rows = await call.db.read(selectRecords(sql`s.id = ${id}`, call.now));
  const record = toRecord(rows[0], call.now);
  const { sessions } = call.isolate;
  const knownToHaveEnded = sessions.get(id, call.now)?.record === null;
  remember(call, id, record);
  const stale = copy === undefined ? !record && !knownToHaveEnded : !sameRecord(copy, record);
  if (stale) publish(call, [{ id }], rows);
  return record;
}

/** The record for a token; null when no live session has it. UNAVAILABLE when no store that may say so can. */
export async function resolveToken(
  call: Call,
  token: string,
  { consistency, activity }: ResolveOptions,
): Promise<SessionRecord | null> {
  const credential = readCredential(token, call.tokenSecrets);
  if (credential?.kind !== 'ses') return null;
  const { id, hash } = credential;
  const owned = (record: SessionRecord | null) =>
    live(record, call.now) && sameHash(record.hash, hash) ? record : null;
  if (consistency === 'STRICT') return owned(await askD1(call, id));

  const { sessions } = call.isolate;
  let known = sessions.get(id, call.now);
  let copy = known?.record;
  if (!known) {
    copy = await askKv(call, id);
    // While KV was asked, D1 may have told this isolate more.
    known = sessions.get(id, call.now);
  }
  if (known?.believed) return owned(known.record);
  if (!copy) return owned(await askD1(call, id, null));
  if (believable(copy, call.now)) {
    if (!known) sessions.set(id, { record: copy, believed: false }, call.now + MEMORY_MS);
    return owned(copy);
  }
  // The question to D1 is the renewal: one round trip tells whether the session lives and makes it slide.
  try {
    return owned(await (activity ? renew(call, id) : askD1(call, id, copy)));
  } catch (fault) {
    if (away(fault) && call.now < checkBy(copy.renewedAt) + GRACE) return owned(copy);
    throw fault;
  }
}

/** A deny is confirmed in D1 before it is given, at most once in DENY_MS: the grant may be newer than the copy. */
async function confirmDeny(call: Call, copy: SessionRecord): Promise<SessionRecord | null> {
  const { denials } = call.isolate;
  if (denials.get(copy.id, call.now)) return copy;
  try {
    const record = await askD1(call, copy.id, copy);
    denials.set(copy.id, true, call.now + DENY_MS);
    return record;
  } catch (fault) {
    if (away(fault)) return copy;
    throw fault;
  }
}

/** Whether the user holds the permission, for records with more grants than they can carry. */
async function askGrant(call: Call, userId: number, question: DeviceQuestion): Promise<boolean> {
  const rows = await call.db.read(
    statement(sql`
      SELECT 1 FROM permissions p JOIN devices d ON d.device_id = p.device_id
      WHERE p.user_id = ${userId} AND p.permission = ${question.permission} AND ${running(call.now)}
        AND ${question.deviceId == null ? sql`d.meter_id = ${question.meterId}` : sql`p.device_id = ${question.deviceId}`}`),
  );
  return rows.length > 0;
}

/** Is this token good, and may its user do what `question` asks? */
export async function checkToken(
  call: Call,
  token: string,
  { question, consistency, activity }: CheckOptions,
): Promise<Verdict> {
  const record = await resolveToken(call, token, { consistency, activity });
  if (!record) return { kind: 'unknown' };
  if (activity) slide(call, record);
  if (!question || grantFor(record, question, call.now)) return { kind: 'allowed', record };
  if (record.grants === null) {
    const granted = await askGrant(call, record.userId, question);
    return { kind: granted ? 'allowed' : 'denied', record };
  }
  if (consistency === 'STRICT') return { kind: 'denied', record };
  const confirmed = await confirmDeny(call, record);
  if (!confirmed) return { kind: 'unknown' };
  const granted =
    confirmed.grants === null
      ? await askGrant(call, confirmed.userId, question)
      : grantFor(confirmed, question, call.now) !== undefined;
  return { kind: granted ? 'allowed' : 'denied', record: confirmed };
}
