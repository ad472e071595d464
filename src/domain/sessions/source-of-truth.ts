/**
 * What D1 says of a session. One question at a time asks for all requests, through whatever door
 * they came.
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

/** About what an answer takes of an isolate's memory, in bytes. */
export const weighAnswer = (answer: Answer): number =>
  answer.kind === 'record' && answer.record
    ? weigh({ record: answer.record, fromD1: true })
    : ANSWER_BYTES;

const ENDED: Answer = { kind: 'record', record: null };
const NOBODY: Answer = { kind: 'tokenSession', tokenSession: null };

/**
 * What those who wait are told of a question that failed: the fault itself is in the log of whoever
 * asked.
 */
export const faultOf = (fault: unknown): unknown =>
  fault === undefined || isUnavailable(fault) ? unanswered() : fault;

type ReadOptions = Pick<Flight<Part, Answer>, 'name' | 'part' | 'fresh' | 'known'>;

function readOnce(call: Call, id: string, asked: ReadOptions): Promise<Answer> {
  return call.isolate.sessionReads.ask(id, {
    ...asked,
    keep: (asking) => call.defer(() => asking),
    ask: (parts) => readParts(call, id, parts),
  });
}

/** What has ended never lives again: it need not be asked about. */
const knownToHaveEnded = (call: Call, id: string, ended: Answer) => () =>
  cachedSession(call, id) === 'ended' ? ended : undefined;

/** The record, by a question that begins from now on. */
export async function readStrictly(call: Call, id: string): Promise<SessionRecord | null> {
  const known = knownToHaveEnded(call, id, ENDED);
  const answer = await readOnce(call, id, { name: RECORD, part: undefined, fresh: true, known });
  return answer.kind === 'record' ? answer.record : null;
}

/**
 * The record for whoever is in doubt of a copy, by a question that may be under way already. `copy`
 * is what a copy said, `undefined` where none was asked or could say. After a vain question D1 is
 * left alone for a moment. Throws UNAVAILABLE where D1 does not answer.
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

/**
 * The live session that a credential is the token of, as D1 has it now: no copy decides about
 * staff.
 */
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

/** In characters: no device has a longer id. */
const MAX_ID = 64;

const isAskable = (question: Question): boolean =>
  'stationId' in question || (question.deviceId ?? question.meterId ?? '').length <= MAX_ID;

/** What the user may, for records with more grants or stations than they can carry. */
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
