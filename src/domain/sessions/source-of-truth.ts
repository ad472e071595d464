/**
 * Reads sessions from D1, the source of truth. One query at a time serves all requests of the
 * isolate, through whatever face they came.
 */
import { sql } from 'drizzle-orm';
import { isUnavailable } from '../../base/faults.ts';
import { type Credential, isHashOf } from '../../base/issuer.ts';
import type { Flight } from '../../base/single-flight.ts';
import { s } from '../../db/aliases.ts';
import { isLate, unanswered } from '../../db/connect.ts';
import type { Call } from '../permit.ts';
import { cachedSession, cacheRecord, noteAsked, recentlyAsked, weigh } from './cache.ts';
import { grantedBy, selectGranted, type UserQuestion } from './granted.ts';
import { publish, sameRecord } from './publish.ts';
import {
  type Granted,
  type Question,
  type SessionRecord,
  selectRecords,
  toRecord,
} from './record.ts';
import { renew } from './sliding-expiry.ts';
import { selectTokenSession, type TokenSession } from './token-session.ts';

/** What can be read about a session. `copy`: what KV said, if it was asked. */
export type Part = { copy: SessionRecord | null } | UserQuestion | undefined;

/** A record from D1, and whether D1 could not write its renewal. */
interface RecordRead {
  record: SessionRecord | null;
  unrenewed?: boolean | undefined;
}

export type Answer =
  | (RecordRead & { kind: 'record' })
  | { kind: 'tokenSession'; tokenSession: TokenSession | null }
  | { kind: 'granted'; granted: Granted | undefined };

const ANSWER_BYTES = 300;

/** About the memory that an answer takes, in bytes. */
export const weighAnswer = (answer: Answer): number =>
  answer.kind === 'record' && answer.record
    ? weigh({ record: answer.record, fromD1: true })
    : ANSWER_BYTES;

const ENDED: Answer = { kind: 'record', record: null };
const NOBODY: Answer = { kind: 'tokenSession', tokenSession: null };

/**
 * The error for those who wait for a query that failed. The cause is in the log of the request that
 * ran it.
 */
export const faultOf = (fault: unknown): unknown =>
  fault === undefined || isUnavailable(fault) ? unanswered() : fault;

/**
 * Reads the record from D1. If the copy differs, KV is updated after the response. So is a copy
 * that may exist of an ended session.
 */
async function readFromD1(call: Call, id: string, part: Part): Promise<RecordRead> {
  const copy = part && 'copy' in part ? part.copy : undefined;
  const rows = await call.db.read(selectRecords(sql`${s.id} = ${id}`, call.now));
  const record = toRecord(rows[0], call.now);
  const knownToHaveEnded = cachedSession(call, id) === 'ended';
  cacheRecord(call, id, record);
  const stale = copy === undefined ? !record && !knownToHaveEnded : !sameRecord(copy, record);
  if (stale) publish(call, [{ id }], rows);
  return { record };
}

/**
 * Reads a record whose copy is too old by renewing it: one round trip tells whether the session is
 * live, and extends it.
 */
async function renewOrRead(call: Call, id: string, part: Part): Promise<RecordRead> {
  try {
    return { record: await renew(call, id) };
  } catch (fault) {
    if (!isUnavailable(fault) || isLate(fault)) throw fault;
    // D1 may be able to read but not to write.
    const { record } = await readFromD1(call, id, part);
    if (record) cacheRecord(call, id, record, true);
    return { record, unrenewed: record !== null };
  }
}

async function readTokenSessionRow(call: Call, id: string): Promise<Answer> {
  const [tokenSession = null] = await call.db.read(selectTokenSession(id, call.now));
  // A copy that may exist is not corrected here: this path reads no copy.
  if (!tokenSession) cacheRecord(call, id, null);
  return { kind: 'tokenSession', tokenSession };
}

async function readGranted(
  call: Call,
  named: [string, UserQuestion][],
): Promise<[string, Answer][]> {
  const [first] = named;
  if (!first) return [];
  const questions = named.map(([, { question }]) => question);
  const selects = selectGranted(first[1], questions, call.now);
  const rows = (await Promise.all(selects.map((select) => call.db.read(select)))).flat();
  const answers = new Map(rows.map((yes) => [yes.at, yes]));
  return named.map(([name, { question }], at) => {
    const yes = answers.get(at);
    return [name, { kind: 'granted', granted: yes && grantedBy(question, yes) }];
  });
}

const RECORD = 'record';
const RENEWAL = 'renewal';
const TOKEN_SESSION = 'tokenSession';

/** Reads all parts in one round trip. A renewal has its own. */
async function readParts(
  call: Call,
  id: string,
  parts: ReadonlyMap<string, Part>,
): Promise<Map<string, Answer>> {
  const readRecord = async (): Promise<[string, Answer][]> => {
    const read = parts.has(RENEWAL) ? renewOrRead : readFromD1;
    if (!parts.has(RENEWAL) && !parts.has(RECORD)) return [];
    const answer: Answer = {
      kind: 'record',
      ...(await read(call, id, parts.get(RENEWAL) ?? parts.get(RECORD))),
    };
    return [RECORD, RENEWAL].map((name) => [name, answer]);
  };
  const named = [...parts].filter(
    (part): part is [string, UserQuestion] => part[1] !== undefined && 'question' in part[1],
  );
  const answers = await Promise.all([
    readRecord(),
    parts.has(TOKEN_SESSION)
      ? readTokenSessionRow(call, id).then((answer): [string, Answer][] => [
          [TOKEN_SESSION, answer],
        ])
      : [],
    readGranted(call, named),
  ]);
  return new Map(answers.flat());
}

type ReadOptions = Pick<Flight<Part, Answer>, 'name' | 'part' | 'fresh' | 'known'>;

function readOnce(call: Call, id: string, asked: ReadOptions): Promise<Answer> {
  return call.isolate.sessionReads.ask(id, {
    ...asked,
    keep: (asking) => call.defer(() => asking),
    ask: (parts) => readParts(call, id, parts),
  });
}

/** An ended session stays ended: D1 need not be asked. */
const knownToHaveEnded = (call: Call, id: string, ended: Answer) => () =>
  cachedSession(call, id) === 'ended' ? ended : undefined;

/** Reads the record with a query that begins from now on. */
export async function readStrictly(call: Call, id: string): Promise<SessionRecord | null> {
  const known = knownToHaveEnded(call, id, ENDED);
  const answer = await readOnce(call, id, { name: RECORD, part: undefined, fresh: true, known });
  return answer.kind === 'record' ? answer.record : null;
}

/**
 * Reads the record of a doubtful copy, with a query that may already be running. `copy` is what a
 * copy said; undefined if none was read or KV failed. If D1 does not answer, it is not asked again
 * for a moment.
 */
export async function readInDoubt(
  call: Call,
  id: string,
  copy: SessionRecord | null | undefined,
  renewing: boolean,
): Promise<SessionRecord | null> {
  function known(): Answer | undefined {
    const heard = cachedSession(call, id);
    if (heard === 'ended') return ENDED;
    if (!heard?.fromD1 || heard.record === copy) return undefined;
    return { kind: 'record', record: heard.record, unrenewed: heard.unrenewed };
  }
  const name = renewing ? RENEWAL : RECORD;
  const part = copy === undefined ? undefined : { copy };
  if (known() === undefined && recentlyAsked(call, id) === 'unanswered') throw unanswered();
  try {
    const answer = await readOnce(call, id, { name, part, fresh: false, known });
    if (answer.kind !== 'record') return null;
    if (answer.unrenewed) call.degrade('unrenewed');
    return answer.record;
  } catch (fault) {
    if (isUnavailable(fault)) noteAsked(call, id, 'unanswered');
    throw fault;
  }
}

/** The live session of a token, as D1 has it now. Copies do not decide about staff. */
export async function readTokenSession(
  call: Call,
  credential: Credential,
): Promise<TokenSession | null> {
  const { id } = credential;
  const known = knownToHaveEnded(call, id, NOBODY);
  const answer = await readOnce(call, id, {
    name: TOKEN_SESSION,
    part: undefined,
    fresh: true,
    known,
  });
  const tokenSession = answer.kind === 'tokenSession' ? answer.tokenSession : null;
  return tokenSession && isHashOf(tokenSession.hash, credential) ? tokenSession : null;
}

/** In characters. No device has a longer id. */
const MAX_ID = 64;

const isAskable = (question: Question): boolean =>
  'stationId' in question || (question.deviceId ?? question.meterId ?? '').length <= MAX_ID;

/** Asks D1 what the user may do, for a record that has too many grants or stations to hold. */
export async function readGrant(
  call: Call,
  { id, userId, tenantId }: SessionRecord,
  question: Question,
): Promise<Granted | undefined> {
  if (!isAskable(question)) return undefined;
  const name = JSON.stringify(
    'stationId' in question
      ? question.stationId
      : [question.permission, question.deviceId ?? null, question.meterId ?? null],
  );
  const part = { userId, tenantId, question };
  const answer = await readOnce(call, id, { name, part, fresh: true, known: () => undefined });
  return answer.kind === 'granted' ? answer.granted : undefined;
}
