/**
 * `/console/session`: opens and ends the session of the console. It stays in the cookie: no answer
 * tells it to a script.
 */
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { clearCookie, LONGEST_MS, readCookie, setCookie } from '../base/console-cookie.ts';
import { Fault, isUnavailable, refuse } from '../base/faults.ts';
import { NO_STORE } from '../base/response-headers.ts';
import { signInInput } from '../domain/members/sign-in.ts';
import type { Call } from '../domain/permit.ts';
import { removeOwnSession } from '../domain/sessions/remove.ts';
import { authenticate, recogniseOperator } from '../policy/authenticate.ts';
import { authorize } from '../policy/authorize.ts';
import { ENROLMENT_MS, issueEnrolment } from '../policy/enrolment.ts';
import { issueOperatorSession, OPERATOR_SESSION_MS } from '../policy/operator-session.ts';
import type { FaceEnv, RequestContext } from '../policy/request-context.ts';
import { BadRequest, present, refused, succeeded } from './answers.ts';
import { readJson, withHeaders } from './console-call.ts';
import type { Bounds } from './route.ts';
import { serializeUser } from './serializers.ts';
import { boundsOf, limited } from './serve.ts';
import { EnrolmentDue, signInWithin } from './sign-in.ts';

const input = v.object({ ...signInInput.entries, operatorKey: v.optional(v.string()) });

async function openForOperator(
  call: Call,
  key: unknown,
  { operatorKeys, origin }: RequestContext,
  { limitAddress, limitAccount }: Bounds,
): Promise<Response> {
  await limitAddress();
  await limitAccount('');
  if (typeof key !== 'string' || !(await recogniseOperator(key.trim(), operatorKeys))) {
    throw new BadRequest(400, 'operatorKey', 'This is not an operator key of this deployment.');
  }
  const cookie = issueOperatorSession(call, key.trim());
  const response = succeeded({ kind: 'operator' });
  return withHeaders(response, setCookie(origin, cookie, OPERATOR_SESSION_MS));
}

async function openForMember(
  call: Call,
  body: unknown,
  { origin }: RequestContext,
  bounds: Bounds,
): Promise<Response> {
  const permit = authorize(call, { kind: 'guest' }, 'member.signIn');
  try {
    const { token, member, tenantId } = await signInWithin(permit, body, bounds, 'con');
    const response = succeeded({ kind: 'member', user: serializeUser(member, tenantId) });
    return withHeaders(response, setCookie(origin, token, LONGEST_MS));
  } catch (error) {
    if (!(error instanceof EnrolmentDue)) throw error;
    const cookie = setCookie(origin, issueEnrolment(call, error.enrolment), ENROLMENT_MS);
    return refused(error.status, { [error.field]: error.message }, cookie, { enrol: true });
  }
}

async function open({ req, get }: Context<FaceEnv>): Promise<Response> {
  const context = get('requestContext');
  try {
    const { operatorKey, ...body } = await readJson(req.raw, input);
    const call = context.openCall();
    const bounds = boundsOf(context, call, req.raw.headers);
    if (operatorKey === undefined) return await openForMember(call, body, context, bounds);
    if (Object.keys(body).length > 0) {
      throw refuse('INVALID', ['operatorKey'], 'Send this alone, or an e-mail and a password.');
    }
    return await openForOperator(call, operatorKey, context, bounds);
  } catch (error) {
    return present(error, context.requestId);
  }
}

/** Ends the session, where the cookie holds one that is live. The operator's is not stored. */
async function end(context: RequestContext, token: string): Promise<void> {
  const call = context.openCall();
  try {
    const caller = await authenticate(call, `Bearer ${token}`, context);
    if (!('session' in caller)) return;
    await removeOwnSession(authorize(call, caller, 'session.removeOwn'));
  } catch (fault) {
    if (!(fault instanceof Fault && fault.code === 'UNAUTHENTICATED')) throw fault;
  }
}

const NOT_ENDED =
  'You are signed out in this browser, but the session could not be ended. It is still listed ' +
  'among your sessions: end it there.';

/** Takes the cookie away in any case: nobody stays signed in because a store is away. */
async function close({ req, get }: Context<FaceEnv>): Promise<Response> {
  const context = get('requestContext');
  const { headers } = req.raw;
  let response = new Response(null, { status: 204, headers: NO_STORE });
  try {
    const token = readCookie(headers.get('Cookie'), context.origin);
    if (token !== null) await end(context, token);
  } catch (error) {
    response = present(
      isUnavailable(error) ? new Fault('UNAVAILABLE', NOT_ENDED, { cause: error.cause }) : error,
      context.requestId,
    );
  }
  return withHeaders(response, clearCookie(context.origin));
}

export const consoleSession = new Hono<FaceEnv>()
  .post('/console/session', limited, open)
  .delete('/console/session', close);
