/** The token check of the edge: is the token valid, and may its user do what is asked? */
import { isUnavailable } from '../../base/faults.ts';
import { chain, type MaybePromise } from '../../base/maybe-promise.ts';
import {
  type Granted,
  grantedIn,
  isListed,
  type Question,
  type SessionRecord,
} from '../entities/session.ts';
import type { CachedRecord } from '../isolate.ts';
import type { Call } from '../permit.ts';
import { noteAsked, recentlyAsked } from './cache.ts';
import { type Resolved, type ResolveOptions, resolveToken } from './resolve.ts';
import { slideExpiry } from './sliding-expiry.ts';
import { readGrant, readInDoubt } from './source-of-truth.ts';

export interface CheckOptions extends ResolveOptions {
  question?: Question | undefined;
}

export type Verdict =
  /** `granted` if there was a question. `known`: what this isolate has cached of the session. */
  | { kind: 'allowed'; record: SessionRecord; known: CachedRecord; granted?: Granted }
  | { kind: 'denied'; record: SessionRecord }
  | { kind: 'unknown' };

const UNKNOWN: Verdict = { kind: 'unknown' };

/**
 * Checks a token and, if given, whether its user may do what `question` asks. Returns at once if
 * this isolate knows the answer. Throws UNAVAILABLE if neither a copy nor D1 answers.
 */
export const checkToken = (
  call: Call,
  token: string,
  options: CheckOptions,
): MaybePromise<Verdict> =>
  chain(resolveToken(call, token, options), (resolved) => answer(call, resolved, options));

function answer(
  call: Call,
  resolved: Resolved | null,
  { question, activity }: CheckOptions,
): MaybePromise<Verdict> {
  if (!resolved) return UNKNOWN;
  const { known } = resolved;
  const { record } = known;
  if (activity) slideExpiry(call, record);
  if (!question) return { kind: 'allowed', record, known };
  if (!isListed(record, question)) return answerFromD1(call, known, question);
  const granted = grantedIn(record, question, call.now);
  return granted
    ? { kind: 'allowed', record, known, granted }
    : answerInDoubt(call, resolved, question);
}

async function answerFromD1(call: Call, known: CachedRecord, question: Question): Promise<Verdict> {
  const { record } = known;
  const granted = await readGrant(call, record, question);
  return granted ? { kind: 'allowed', record, known, granted } : { kind: 'denied', record };
}

/**
 * A denial from a copy is confirmed in D1 before it is given. Otherwise a permission granted a
 * moment ago would be refused.
 */
async function answerInDoubt(call: Call, resolved: Resolved, question: Question): Promise<Verdict> {
  const record = await confirm(call, resolved);
  if (!record) return UNKNOWN;
  const granted = isListed(record, question)
    ? grantedIn(record, question, call.now)
    : await readGrant(call, record, question);
  const known = { record, fromD1: true };
  return granted ? { kind: 'allowed', record, known, granted } : { kind: 'denied', record };
}

async function confirm(call: Call, { known, fresh }: Resolved): Promise<SessionRecord | null> {
  const { record } = known;
  if (fresh) return record;
  const { id } = record;
  const asked = recentlyAsked(call, id);
  if (asked === 'unanswered') call.degrade('unconfirmed');
  if (asked) return record;
  try {
    const confirmed = await readInDoubt(call, id, record, false);
    noteAsked(call, id, 'answered');
    return confirmed;
  } catch (fault) {
    if (!isUnavailable(fault)) throw fault;
    call.degrade('unconfirmed');
    return record;
  }
}
