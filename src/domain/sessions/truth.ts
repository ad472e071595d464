/**
 * What D1 says of a session. One question at a time asks for all requests, through whatever door
 * they came.
 */

import { sql } from 'drizzle-orm';
import { isUnavailable } from '../../base/faults.ts';
import { type Credential, isHashOf } from '../../base/issuer.ts';
import type { Asking } from '../../base/questions.ts';
import { s } from '../../db/aliases.ts';
import { isLate, unanswered } from '../../db/connect.ts';
import {
  type Granted,
  type Question,
  type SessionRecord,
  selectRecords,
  toRecord,
} from '../entities/session.ts';
import type { Answer, Named, Part, Presented, Told } from '../isolate.ts';
import type { Call } from '../permit.ts';
import { grantedBy, selectGranted } from './granted.ts';
import { recall, recallAsked, remember, rememberAsked, weigh } from './memory.ts';
import { selectPresented } from './presented.ts';
import { publish, sameRecord } from './publish.ts';
import { renew } from './slide.ts';

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

/**
 * The record as D1 has it. Where a copy differs from it, KV's copy is brought up to date behind the
 * answer, and so is one that may be there of a session that has ended.
 */
async function readTruth(call: Call, id: string, part: Part): Promise<Told> {
  const copy = part && 'copy' in part ? part.copy : undefined;
  const rows = await call.db.read(selectRecords(sql`${s.id} = ${id}`, call.now));
  const record = toRecord(rows[0], call.now);
  const knownToHaveEnded = recall(call, id) === 'ended';
  remember(call, id, record);
  const stale = copy === undefined ? !record && !knownToHaveEnded : !sameRecord(copy, record);
  if (stale) publish(call, [{ id }], rows);
  return { record };
}

/**
 * Past a copy's time the question to D1 is the renewal: one round trip tells whether it lives and
 * makes it slide.
 */
async function renewOrRead(call: Call, id: string, part: Part): Promise<Told> {
  try {
    return { record: await renew(call, id) };
  } catch (fault) {
    if (!isUnavailable(fault) || isLate(fault)) throw fault;
    // D1 may answer what it cannot write.
    const { record } = await readTruth(call, id, part);
    if (record) remember(call, id, record, true);
    return { record, unrenewed: record !== null };
  }
}

async function readPresented(call: Call, id: string): Promise<Answer> {
  const [presented = null] = await call.db.read(selectPresented(id, call.now));
  // Its copy may go on for its time: who only presents a token asks no copy.
  if (!presented) remember(call, id, null);
  return { kind: 'presented', presented };
}

async function readGranted(call: Call, named: [string, Named][]): Promise<[string, Answer][]> {
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
const PRESENTED = 'presented';

/** All parts in one round trip, but that a renewal has its own. */
async function readParts(
  call: Call,
  id: string,
  parts: ReadonlyMap<string, Part>,
): Promise<Map<string, Answer>> {
  const readRecord = async (): Promise<[string, Answer][]> => {
    const read = parts.has(RENEWAL) ? renewOrRead : readTruth;
    if (!parts.has(RENEWAL) && !parts.has(RECORD)) return [];
    const answer: Answer = {
      kind: 'record',
      ...(await read(call, id, parts.get(RENEWAL) ?? parts.get(RECORD))),
    };
    return [RECORD, RENEWAL].map((name) => [name, answer]);
  };
  const named = [...parts].filter(
    (part): part is [string, Named] => part[1] !== undefined && 'question' in part[1],
  );
  const answers = await Promise.all([
    readRecord(),
    parts.has(PRESENTED)
      ? readPresented(call, id).then((answer): [string, Answer][] => [[PRESENTED, answer]])
      : [],
    readGranted(call, named),
  ]);
  return new Map(answers.flat());
}

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
 * left alone for a moment.
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
