/**
 * `/console/session`: opens and ends the session of the console. It stays in the cookie: no answer
 * tells it to a script.
 */
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { clearCookie, LONGEST_MS, readCookie, setCookie } from '../base/console-cookie.ts';
import { Fault, isUnavailable, refuse } from '../base/faults.ts';
import { NO_STORE } from '../base/response-headers.ts';
import type { SignedIn } from '../domain/members/enter.ts';
import { signInInput } from '../domain/members/sign-in.ts';
import { askForPasskey, signInByPasskey } from '../domain/members/sign-in-by-passkey.ts';
import { assertion } from '../domain/passkeys/passkey.ts';
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
import { boundsOf, limitedOfGuests } from './serve.ts';
import { CodeDue, EnrolmentDue, signInWithin } from './sign-in.ts';

const input = v.object({
  ...signInInput.entries,
  operatorKey: v.optional(v.string()),
  passkey: v.optional(assertion),
});

type Body = Record<string, unknown>;
type Open = (call: Call, body: Body, context: RequestContext, bounds: Bounds) => Promise<Response>;

/** The header with a new session of the operator. Throws a BadRequest for a wrong key. */
export async function operatorCookie(
  call: Call,
  key: unknown,
  { operatorKeys, origin }: RequestContext,
  { limitAddress, limitAccount }: Bounds,
): Promise<Record<string, string>> {
  await limitAddress();
  await limitAccount('');
  if (typeof key !== 'string' || !(await recogniseOperator(key.trim(), operatorKeys))) {
    throw new BadRequest(400, 'operatorKey', 'This is not an operator key of this deployment.');
  }
  return setCookie(origin, issueOperatorSession(call, key.trim()), OPERATOR_SESSION_MS);
}

const openForOperator: Open = async (call, { operatorKey }, context, bounds) => {
  const cookie = await operatorCookie(call, operatorKey, context, bounds);
  return withHeaders(succeeded({ kind: 'operator' }), cookie);
};

const asGuest = (call: Call) => authorize(call, { kind: 'guest' }, 'member.signIn');

function openedFor({ token, member, tenantId }: SignedIn, { origin }: RequestContext): Response {
  const response = succeeded({ kind: 'member', user: serializeUser(member, tenantId) });
  return withHeaders(response, setCookie(origin, token, LONGEST_MS));
}

const openForMember: Open = async (call, body, context, bounds) => {
  try {
    return openedFor(await signInWithin(asGuest(call), body, bounds, 'con'), context);
  } catch (error) {
    if (error instanceof CodeDue) {
      return refused(error.status, { [error.field]: error.message }, {}, { app: error.byApp });
    }
    if (!(error instanceof EnrolmentDue)) throw error;
    const enrolment = issueEnrolment(call, error.enrolment);
    const cookie = setCookie(context.origin, enrolment, ENROLMENT_MS);
    return refused(error.status, { [error.field]: error.message }, cookie, { enrol: true });
  }
};

/** Why a passkey did not open a session. Whoever is told that it is copied has signed with it. */
const REFUSALS = {
  refused: 'This passkey did not sign you in. Try again, or sign in in another way.',
  copied:
    'This passkey may have been copied: its count of signatures did not grow. Sign in in another ' +
    'way, remove this passkey, and tell an administrator of your company.',
};

const openByPasskey: Open = async (call, body, context, { limitAddress }) => {
  await limitAddress();
  const result = await signInByPasskey(asGuest(call), body);
  if (result.outcome === 'signedIn') return openedFor(result, context);
  throw new BadRequest(400, 'passkey', REFUSALS[result.outcome]);
};

/** What comes alone, in place of an e-mail address and a password. */
const ALONE = { operatorKey: openForOperator, passkey: openByPasskey };

function openerFor(body: Body): Open {
  const names = ['operatorKey', 'passkey'] as const;
  const name = names.find((one) => body[one] !== undefined);
  if (name === undefined) return openForMember;
  if (Object.keys(body).length === 1) return ALONE[name];
  throw refuse('INVALID', [name], 'Send this alone, or an e-mail and a password.');
}

async function open({ req, get }: Context<FaceEnv>): Promise<Response> {
  const context = get('requestContext');
  try {
    const body = await readJson(req.raw, input);
    const call = context.openCall();
    return await openerFor(body)(call, body, context, boundsOf(context, call, req.raw.headers));
  } catch (error) {
    return present(error, context.requestId);
  }
}

/** What the browser asks an authenticator for. Nothing is looked up. */
async function challenge({ req, get }: Context<FaceEnv>): Promise<Response> {
  const context = get('requestContext');
  try {
    const call = context.openCall();
    await boundsOf(context, call, req.raw.headers).limitAddress();
    return succeeded(askForPasskey(asGuest(call)));
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
    await removeOwnSession(authorize(call, caller, 'session.signOut'));
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
  .post('/console/session', limitedOfGuests, open)
  .post('/console/session/challenge', challenge)
  .delete('/console/session', close);
