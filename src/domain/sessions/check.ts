/** The check of a token, at the edge: is it good, and may its user do what is asked? */
import { isUnavailable } from '../../base/faults.ts';
import { type Soon, when } from '../../base/soon.ts';
import {
  type Granted,
  grantedIn,
  isListed,
  type Question,
  type SessionRecord,
} from '../entities/session.ts';
import type { Known } from '../isolate.ts';
import type { Call } from '../permit.ts';
import { recallAsked, rememberAsked } from './memory.ts';
import { type Resolved, type ResolveOptions, resolveToken } from './resolve.ts';
import { slide } from './slide.ts';
import { askGranted, askInDoubt } from './truth.ts';

export interface CheckOptions extends ResolveOptions {
  question?: Question | undefined;
}

export type Verdict =
  /** `granted` where there was a question; `known`: what this isolate remembers of the session. */
  | { kind: 'allowed'; record: SessionRecord; known: Known; granted?: Granted }
  | { kind: 'denied'; record: SessionRecord }
  | { kind: 'unknown' };

const UNKNOWN: Verdict = { kind: 'unknown' };

/**
 * Is this token good, and may its user do what `question` asks? At once where this isolate knows.
 * UNAVAILABLE when no store that may say so can.
 */
export const checkToken = (call: Call, token: string, options: CheckOptions): Soon<Verdict> =>
  when(resolveToken(call, token, options), (resolved) => answer(call, resolved, options));

function answer(
  call: Call,
  resolved: Resolved | null,
  { question, activity }: CheckOptions,
): Soon<Verdict> {
  if (!resolved) return UNKNOWN;
  const { known } = resolved;
  const { record } = known;
  if (activity) slide(call, record);
  if (!question) return { kind: 'allowed', record, known };
  if (!isListed(record, question)) return answerFromD1(call, known, question);
  const granted = grantedIn(record, question, call.now);
  return granted
    ? { kind: 'allowed', record, known, granted }
    : answerInDoubt(call, resolved, question);
}

async function answerFromD1(call: Call, known: Known, question: Question): Promise<Verdict> {
  const { record } = known;
  const granted = await askGranted(call, record, question);
  return granted ? { kind: 'allowed', record, known, granted } : { kind: 'denied', record };
}

/** A no in a copy is confirmed in D1 before it is given, or a grant just made would be refused. */
async function answerInDoubt(call: Call, resolved: Resolved, question: Question): Promise<Verdict> {
  const record = await confirm(call, resolved);
  if (!record) return UNKNOWN;
  const granted = isListed(record, question)
    ? grantedIn(record, question, call.now)
    : await askGranted(call, record, question);
  const known = { record, fromD1: true };
  return granted ? { kind: 'allowed', record, known, granted } : { kind: 'denied', record };
}

async function confirm(call: Call, { known, fresh }: Resolved): Promise<SessionRecord | null> {
  const { record } = known;
  if (fresh) return record;
  const { id } = record;
  const asked = recallAsked(call, id);
  if (asked === 'unanswered') call.degrade('unconfirmed');
  if (asked) return record;
  try {
    const confirmed = await askInDoubt(call, id, record, false);
    rememberAsked(call, id, 'answered');
    return confirmed;
  } catch (fault) {
    if (!isUnavailable(fault)) throw fault;
    call.degrade('unconfirmed');
    return record;
  }
}
