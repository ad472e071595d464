/**
 * Face three for other Workers of the account, by service binding: plain tagged objects, and never
 * a throw.
 */
import { isUnavailable } from '../base/faults.ts';
import { type Soon, when } from '../base/soon.ts';
import { readId } from '../base/text.ts';
import { RETRY_SECONDS } from '../base/wire.ts';
import type { Call, Degradation } from '../domain/permit.ts';
import { checkToken, type Verdict } from '../domain/sessions/check.ts';
import type { RequestContext } from '../policy/request-context.ts';
import { noPermission } from './answers.ts';
import { type Introspection, introspectionOf } from './introspect.ts';
import { type Asked, type Named, NOBODY, nameOf, readQuestion } from './question.ts';
import { saidOf } from './said.ts';

export interface RpcOptions {
  /** Only this tenant's sessions are known; without it, any tenant's, and the caller compares. */
  tenant?: string | number;
  /** `strict` asks D1 and not the copies. */
  consistency?: 'fast' | 'strict';
}

/** The words of `/verify`: at most one of `device`, `meter` and `station`. */
export interface RpcQuestion extends RpcOptions {
  device?: string;
  meter?: string;
  station?: string | number;
  permission?: 'VIEW' | 'CHARGE';
}

interface Answered {
  /** The answer is given without the truth, which could not be reached. */
  degraded?: Degradation;
}

/** No store that may say so can; ask again after so many seconds. */
interface Unavailable {
  kind: 'unavailable';
  retryAfter: number;
}

export type Verified =
  | (Answered &
      Partial<Named> & {
        kind: 'allowed';
        user: string;
        /** Null for a member. */
        externalId: string | null;
        tenant: string;
        /** RFC 3339, UTC. */
        expiresAt: string;
      })
  | (Answered & { kind: 'denied'; message: string })
  | (Answered & { kind: 'unknown' })
  | Unavailable;

export type Introspected =
  | (Answered & Introspection & { kind: 'active' })
  | (Answered & { kind: 'inactive'; active: false })
  | Unavailable;

const unavailable: Unavailable = { kind: 'unavailable', retryAfter: RETRY_SECONDS.UNAVAILABLE };

const away = (context: RequestContext, error: unknown): Unavailable => {
  const { requestId } = context;
  console.error({ requestId, error: isUnavailable(error) ? error.cause : error });
  return unavailable;
};

/** What `answer` gives, marked where it falls short of the truth: at once where it is there. */
function answered<Answer extends object>(
  context: RequestContext,
  answer: (call: Call) => Soon<Answer>,
): Soon<(Answer & Answered) | Unavailable> {
  try {
    const soon = when(answer(context.openCall()), (given): Answer & Answered => {
      const { degradation: degraded } = context;
      return degraded ? { ...given, degraded } : given;
    });
    return soon instanceof Promise ? soon.catch((error) => away(context, error)) : soon;
  } catch (error) {
    return away(context, error);
  }
}

/** What a caller wrote: the question, and the tenant that it names, if any. */
function read(question: unknown): { asked: Asked; tenantId: number | undefined } {
  if (typeof question !== 'object' || question === null) {
    return { asked: readQuestion([['question', '']]), tenantId: undefined };
  }
  let tenantId: number | undefined;
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(question)) {
    // What is neither, be it left undefined by oversight, is an empty text, which is refused.
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    if (name === 'tenant') tenantId = readId(text) ?? NOBODY;
    else pairs.push([name, text]);
  }
  return { asked: readQuestion(pairs), tenantId };
}

const UNKNOWN: Verdict = { kind: 'unknown' };

/** What `next` makes of the verdict on a token, and of the question. */
function ask<Answer>(
  call: Call,
  token: unknown,
  wanted: unknown,
  next: (verdict: Verdict, asked: Asked) => Answer,
): Soon<Answer> {
  const { asked, tenantId } = read(wanted);
  if (typeof token !== 'string') return next(UNKNOWN, asked);
  const { question, consistency } = asked;
  const options = { question, consistency, activity: true, tenantId };
  return when(checkToken(call, token, options), (verdict) => next(verdict, asked));
}

/** The answer of `/verify`, as an object. */
export const verifyByRpc = (
  context: RequestContext,
  token: unknown,
  question: unknown,
): Soon<Verified> => answered<Verified>(context, (call) => ask(call, token, question, tellVerdict));

function tellVerdict(verdict: Verdict, { odd, question }: Asked): Verified {
  if (verdict.kind === 'unknown') return { kind: 'unknown' };
  if (odd) return { kind: 'denied', message: odd };
  if (verdict.kind === 'denied') return { kind: 'denied', message: noPermission(question) };
  const { record, known, granted } = verdict;
  const said = saidOf(known);
  const answer: Verified = {
    kind: 'allowed',
    user: said['X-Latchkey-User'],
    externalId: record.externalId,
    tenant: said['X-Latchkey-Tenant'],
    expiresAt: said['X-Latchkey-Expires-At'],
  };
  return granted ? { ...answer, ...nameOf(granted) } : answer;
}

/** The answer of `/introspect`, as an object. */
export const introspectByRpc = (
  context: RequestContext,
  token: unknown,
  options: unknown,
): Soon<Introspected> =>
  answered<Introspected>(context, (call) => ask(call, token, options, tellSession));

const tellSession = (verdict: Verdict, { odd, question }: Asked): Introspected =>
  verdict.kind === 'allowed' && !odd && !question
    ? { kind: 'active', ...introspectionOf(verdict.record) }
    : { kind: 'inactive', active: false };
