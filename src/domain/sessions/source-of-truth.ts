/**
 * Reads sessions from D1, the source of truth. One query at a time serves all requests of the
 * isolate, through whatever face they came.
 */
import { isUnavailable } from '../../base/faults.ts';
import { type Credential, isHashOf } from '../../base/issuer.ts';
import type { Flight } from '../../base/single-flight.ts';
import { unanswered } from '../../db/connect.ts';
import type { Granted, Question, SessionRecord } from '../entities/session.ts';
import type { Answer, Part, TokenSession } from '../isolate.ts';
import type { Call } from '../permit.ts';
import { cachedSession, noteAsked, recentlyAsked, weigh } from './cache.ts';
import { RECORD, RENEWAL, readParts, TOKEN_SESSION } from './read-parts.ts';

const ANSWER_BYTES = 300;

/** About the memory that an answer takes, in bytes. */
export const weighAnswer = (answer: Answer): number =>
  answer.kind === 'record' && answer.record
    ? weigh({ record: answer.record, fromD1: true })
    : ANSWER_BYTES;

const ENDED: Answer = { kind: 'record', record: null };
const NOBODY: Answer = { kind: 'tokenSession', tokenSession: null };

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
 * for a moment. Throws UNAVAILABLE if D1 does not answer.
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
