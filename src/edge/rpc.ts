/**
 * The third face for other Workers of the account, through a service binding. It returns plain
 * tagged objects and never throws.
 */
import { isUnavailable } from '../base/faults.ts';
import { chain, type MaybePromise } from '../base/maybe-promise.ts';
import { RETRY_SECONDS } from '../base/response-headers.ts';
import { readId } from '../base/text.ts';
import type { Call, Degradation } from '../domain/permit.ts';
import { checkToken, type Verdict } from '../domain/sessions/check.ts';
import type { RequestContext } from '../policy/request-context.ts';
import { noPermission } from './answers.ts';
import { type Introspection, introspectionOf } from './introspect.ts';
import {
  type GrantFields,
  grantFieldsOf,
  NOBODY,
  type ParsedQuestion,
  readQuestion,
} from './question.ts';
import { sessionHeadersOf } from './session-headers.ts';

export interface RpcOptions {
  /**
   * Only sessions of this tenant are accepted. Left out: of any tenant, and the caller must
   * compare.
   */
  tenant?: string | number;
  /** `strict` asks D1 instead of the copies. */
  consistency?: 'fast' | 'strict';
}

/** The parameters of `/verify`: at most one of `device`, `meter` and `station`. */
export interface RpcQuestion extends RpcOptions {
  device?: string;
  meter?: string;
  station?: string | number;
  permission?: 'VIEW' | 'CHARGE';
}

interface Answered {
  /** D1, which is the source of truth, could not be reached. */
  degraded?: Degradation;
}

/** Neither a copy nor D1 could answer. Ask again after so many seconds. */
interface Unavailable {
  kind: 'unavailable';
  retryAfter: number;
}

interface Allowed extends Answered, Partial<GrantFields> {
  kind: 'allowed';
  user: string;
  /** Null for a member. */
  externalId: string | null;
  tenant: string;
  /** RFC 3339, UTC. */
  expiresAt: string;
  /** Only of a support session: who acts. */
  actor?: string;
}

export type Verified =
  | Allowed
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

/** The answer, at once if it is there. Marked if it is not confirmed by D1. */
function answered<Answer extends object>(
  context: RequestContext,
  answer: (call: Call) => MaybePromise<Answer>,
): MaybePromise<(Answer & Answered) | Unavailable> {
  try {
    const given = chain(answer(context.openCall()), (given): Answer & Answered => {
      const { degradation: degraded } = context;
      return degraded ? { ...given, degraded } : given;
    });
    return given instanceof Promise ? given.catch((error) => away(context, error)) : given;
  } catch (error) {
    return away(context, error);
  }
}

/** The question of a caller, and the tenant that it names, if any. */
function read(question: unknown): { asked: ParsedQuestion; tenantId: number | undefined } {
  if (typeof question !== 'object' || question === null) {
    return { asked: readQuestion([['question', '']]), tenantId: undefined };
  }
  let tenantId: number | undefined;
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(question)) {
    // Anything else, such as an accidental undefined, becomes an empty text, which is refused.
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    if (name === 'tenant') tenantId = readId(text) ?? NOBODY;
    else pairs.push([name, text]);
  }
  return { asked: readQuestion(pairs), tenantId };
}

const UNKNOWN: Verdict = { kind: 'unknown' };

/** Checks a token and applies `next` to the verdict and the question. */
function ask<Answer>(
  call: Call,
  token: unknown,
  sent: unknown,
  next: (verdict: Verdict, asked: ParsedQuestion) => Answer,
): MaybePromise<Answer> {
  const { asked, tenantId } = read(sent);
  if (typeof token !== 'string') return next(UNKNOWN, asked);
  const { question, consistency } = asked;
  const options = { question, consistency, activity: true, tenantId };
  return chain(checkToken(call, token, options), (verdict) => next(verdict, asked));
}

/** The response of `/verify` as an object. */
export const verifyByRpc = (
  context: RequestContext,
  token: unknown,
  question: unknown,
): MaybePromise<Verified> =>
  answered<Verified>(context, (call) => ask(call, token, question, verifiedOf));

function verifiedOf(verdict: Verdict, { malformed, question }: ParsedQuestion): Verified {
  if (verdict.kind === 'unknown') return { kind: 'unknown' };
  if (malformed) return { kind: 'denied', message: malformed };
  if (verdict.kind === 'denied') return { kind: 'denied', message: noPermission(question) };
  const { record, known, granted } = verdict;
  const headers = sessionHeadersOf(known);
  const answer: Allowed = {
    kind: 'allowed',
    user: headers['X-Latchkey-User'],
    externalId: record.externalId,
    tenant: headers['X-Latchkey-Tenant'],
    expiresAt: headers['X-Latchkey-Expires-At'],
  };
  if (record.actor !== undefined) answer.actor = record.actor;
  return granted ? { ...answer, ...grantFieldsOf(granted) } : answer;
}

/** The response of `/introspect` as an object. */
export const introspectByRpc = (
  context: RequestContext,
  token: unknown,
  options: unknown,
): MaybePromise<Introspected> =>
  answered<Introspected>(context, (call) => ask(call, token, options, introspectedOf));

const introspectedOf = (verdict: Verdict, { malformed, question }: ParsedQuestion): Introspected =>
  verdict.kind === 'allowed' && !malformed && !question
    ? { kind: 'active', ...introspectionOf(verdict.record) }
    : { kind: 'inactive', active: false };
