/**
 * What D1 says of a session. One question at a time asks for all requests, through whatever door
 * they came.
 */
import { isUnavailable } from '../../base/faults.ts';
import { type Credential, isHashOf } from '../../base/issuer.ts';
import type { Asking } from '../../base/questions.ts';
import { unanswered } from '../../db/connect.ts';
import type { Granted, Question, SessionRecord } from '../entities/session.ts';
import type { Answer, Part, Presented } from '../isolate.ts';
import type { Call } from '../permit.ts';
import { recall, recallAsked, rememberAsked, weigh } from './memory.ts';
import { PRESENTED, RECORD, RENEWAL, readParts } from './read-parts.ts';

const ANSWER_BYTES = 300;

/** About what an answer takes of an isolate's memory, in bytes. */
export const weighAnswer = (answer: Answer): number =>
  answer.kind === 'record' && answer.record
    ? weigh({ record: answer.record, fromD1: true })
    : ANSWER_BYTES;

const ENDED: Answer = { kind: 'record', record: null };
const NOBODY: Answer = { kind: 'presented', presented: null };

/**
 * What those who wait are told of a question that failed: the fault itself is in the log of whoever
 * asked.
 */
export const faultOf = (fault: unknown): unknown =>
  fault === undefined || isUnavailable(fault) ? unanswered() : fault;

type Asked = Pick<Asking<Part, Answer>, 'name' | 'part' | 'fresh' | 'known'>;

function ask(call: Call, id: string, asked: Asked): Promise<Answer> {
  return call.isolate.questions.ask(id, {
    ...asked,
    keep: (asking) => call.defer(() => asking),
    ask: (parts) => readParts(call, id, parts),
  });
}

/** What has ended never lives again: it need not be asked about. */
const knownEnd = (call: Call, id: string, ended: Answer) => () =>
  recall(call, id) === 'ended' ? ended : undefined;

/** The record, by a question that begins from now on. */
export async function askStrictly(call: Call, id: string): Promise<SessionRecord | null> {
  const known = knownEnd(call, id, ENDED);
  const answer = await ask(call, id, { name: RECORD, part: undefined, fresh: true, known });
  return answer.kind === 'record' ? answer.record : null;
}

/**
 * The record for whoever is in doubt of a copy, by a question that may be under way already. `copy`
 * is what a copy said, `undefined` where none was asked or could say. After a vain question D1 is
 * left alone for a moment. Throws UNAVAILABLE where D1 does not answer.
 */
export async function askInDoubt(
  call: Call,
  id: string,
  copy: SessionRecord | null | undefined,
  renewing: boolean,
): Promise<SessionRecord | null> {
  function known(): Answer | undefined {
    const heard = recall(call, id);
    if (heard === 'ended') return ENDED;
    if (!heard?.fromD1 || heard.record === copy) return undefined;
    return { kind: 'record', record: heard.record, unrenewed: heard.unrenewed };
  }
  const name = renewing ? RENEWAL : RECORD;
  const part = copy === undefined ? undefined : { copy };
  if (known() === undefined && recallAsked(call, id) === 'unanswered') throw unanswered();
  try {
    const answer = await ask(call, id, { name, part, fresh: false, known });
    if (answer.kind !== 'record') return null;
    if (answer.unrenewed) call.degrade('unrenewed');
    return answer.record;
  } catch (fault) {
    if (isUnavailable(fault)) rememberAsked(call, id, 'unanswered');
    throw fault;
  }
}

/**
 * The live session that a credential is the token of, as D1 has it now: no copy decides about
 * staff.
 */
export async function askPresented(call: Call, credential: Credential): Promise<Presented | null> {
  const { id } = credential;
  const known = knownEnd(call, id, NOBODY);
  const answer = await ask(call, id, { name: PRESENTED, part: undefined, fresh: true, known });
  const presented = answer.kind === 'presented' ? answer.presented : null;
  return presented && isHashOf(presented.hash, credential) ? presented : null;
}

/** In characters: no device has a longer id. */
const MAX_ID = 64;

const isAskable = (question: Question): boolean =>
  'stationId' in question || (question.deviceId ?? question.meterId ?? '').length <= MAX_ID;

/** What the user may, for records with more grants or stations than they can carry. */
export async function askGranted(
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
  const answer = await ask(call, id, { name, part, fresh: true, known: () => undefined });
  return answer.kind === 'granted' ? answer.granted : undefined;
}
