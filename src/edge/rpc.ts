/**
 * The third face for other Workers of the account, through a service binding. It returns plain
 * tagged objects and never throws.
 */
import { isUnavailable } from '../base/faults.ts';
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

export type Verified =
  | (Answered &
      Partial<GrantFields> & {
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

async function answered<Answer extends object>(
  context: RequestContext,
  answer: (call: Call) => Promise<Answer>,
): Promise<(Answer & Answered) | Unavailable> {
  try {
    const given = await answer(context.openCall());
    const { degradation: degraded } = context;
    return degraded ? { ...given, degraded } : given;
  } catch (error) {
    const { requestId } = context;
    console.error({ requestId, error: isUnavailable(error) ? error.cause : error });
    return unavailable;
  }
}

/**
 * The question of a caller as pairs of texts. Anything that is neither text nor number, such as an
 * accidental undefined, becomes an empty text, which is refused.
 */
function pairsOf(question: unknown): [string, string][] {
  if (typeof question !== 'object' || question === null) return [['question', '']];
  return Object.entries(question).map(([name, value]) => [
    name,
    /^(string|number)$/.test(typeof value) ? String(value) : '',
  ]);
}

async function ask(
  call: Call,
  token: unknown,
  question: unknown,
): Promise<{ verdict: Verdict; asked: ParsedQuestion }> {
  const pairs = pairsOf(question);
  const tenant = pairs.find(([name]) => name === 'tenant')?.[1];
  const asked = readQuestion(pairs.filter(([name]) => name !== 'tenant'));
  if (typeof token !== 'string') return { verdict: { kind: 'unknown' }, asked };
  const verdict = await checkToken(call, token, {
    question: asked.question,
    consistency: asked.consistency,
    activity: true,
    tenantId: tenant === undefined ? undefined : (readId(tenant) ?? NOBODY),
  });
  return { verdict, asked };
}

/** The response of `/verify` as an object. */
export function verifyByRpc(
  context: RequestContext,
  token: unknown,
  question: unknown,
): Promise<Verified> {
  return answered(context, async (call) => {
    const { verdict, asked } = await ask(call, token, question);
    if (verdict.kind === 'unknown') return { kind: 'unknown' };
    if (asked.malformed) return { kind: 'denied', message: asked.malformed };
    if (verdict.kind === 'denied') return { kind: 'denied', message: noPermission(asked.question) };
    const { record, granted } = verdict;
    const { userId, externalId, tenantId, expiresAt } = record;
    return {
      kind: 'allowed',
      user: String(userId),
      externalId,
      tenant: String(tenantId),
      expiresAt: new Date(expiresAt).toISOString(),
      ...(granted && grantFieldsOf(granted)),
    };
  });
}

/** The response of `/introspect` as an object. */
export function introspectByRpc(
  context: RequestContext,
  token: unknown,
  options: unknown,
): Promise<Introspected> {
  return answered(context, async (call) => {
    const { verdict, asked } = await ask(call, token, options);
    if (verdict.kind !== 'allowed' || asked.malformed || asked.question) {
      return { kind: 'inactive', active: false };
    }
    return { kind: 'active', ...introspectionOf(verdict.record) };
  });
}
