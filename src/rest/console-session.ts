/**
 * `/console/session`: opens and ends the session of the console. It stays in the cookie: no answer
 * tells it to a script.
 */
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { clearCookie, LONGEST_MS, readCookie, setCookie } from '../base/console-cookie.ts';
import { Fault, isUnavailable, refuse } from '../base/faults.ts';
import { mediaTypeOf } from '../base/headers.ts';
import { NO_STORE } from '../base/response-headers.ts';
import { type SignedIn, signInInput } from '../domain/members/sign-in.ts';
import { askForPasskey, signInByPasskey } from '../domain/members/sign-in-by-passkey.ts';
import { assertion } from '../domain/passkeys/passkey.ts';
import type { Call } from '../domain/permit.ts';
import { removeOwnSession } from '../domain/sessions/remove.ts';
import { authenticate, recogniseOperator } from '../policy/authenticate.ts';
import { authorize } from '../policy/authorize.ts';
import { issueOperatorSession, OPERATOR_SESSION_MS } from '../policy/operator-session.ts';
import type { FaceEnv, RequestContext } from '../policy/request-context.ts';
import { BadRequest, present, succeeded } from './answers.ts';
import { readFields } from './body.ts';
import type { Bounds } from './route.ts';
import { serializeUser } from './serializers.ts';
import { boundsOf, limited } from './serve.ts';
import { signInWithin } from './sign-in.ts';
import { assertKnownFields } from './unknown-fields.ts';

const input = v.object({
  ...signInInput.entries,
  operatorKey: v.optional(v.string()),
  passkey: v.optional(assertion),
});

/** Who is signed in, as the answer tells, and what the cookie holds for how long. */
interface Opened {
  data: object;
  cookie: string;
  lifetime: number;
}

type Body = Record<string, unknown>;
type Open = (call: Call, body: Body, bounds: Bounds, context: RequestContext) => Promise<Opened>;

const openForOperator: Open = async (call, body, { limitAddress, limitAccount }, context) => {
  const { operatorKey: key } = body;
  await limitAddress();
  await limitAccount('');
  if (typeof key !== 'string' || !(await recogniseOperator(key.trim(), context.operatorKeys))) {
    throw new BadRequest(400, 'operatorKey', 'This is not an operator key of this deployment.');
  }
  const cookie = issueOperatorSession(call, key.trim());
  return { data: { kind: 'operator' }, cookie, lifetime: OPERATOR_SESSION_MS };
};

const openedFor = ({ token, member, tenantId }: SignedIn): Opened => ({
  data: { kind: 'member', user: serializeUser(member, tenantId) },
  cookie: token,
  lifetime: LONGEST_MS,
});

const asGuest = (call: Call) => authorize(call, { kind: 'guest' }, 'member.signIn');

const openForMember: Open = async (call, body, bounds) =>
  openedFor(await signInWithin(asGuest(call), body, bounds, 'con'));

/** Why a passkey did not open a session. Whoever is told that it is copied has signed with it. */
const REFUSALS = {
  refused: 'This passkey did not sign you in. Try again, or sign in in another way.',
  copied:
    'This passkey may have been copied: its count of signatures did not grow. Sign in in another ' +
    'way, remove this passkey, and tell an administrator of your company.',
};

const openByPasskey: Open = async (call, body, { limitAddress }) => {
  await limitAddress();
  const result = await signInByPasskey(asGuest(call), body);
  if (result.outcome === 'signedIn') return openedFor(result);
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

/** Only JSON, which no form of another site can send. */
async function readBody(request: Request): Promise<Body> {
  if (mediaTypeOf(request.headers.get('Content-Type') ?? '') !== 'application/json') {
    throw new BadRequest(415, 'body', 'The Content-Type must be application/json.');
  }
  const body = await readFields(await request.arrayBuffer(), request.headers, input);
  assertKnownFields(body, input);
  return body.fields;
}

async function open({ req, get }: Context<FaceEnv>): Promise<Response> {
  const context = get('requestContext');
  try {
    const body = await readBody(req.raw);
    const call = context.openCall();
    const bounds = boundsOf(context, call, req.raw.headers);
    const { data, cookie, lifetime } = await openerFor(body)(call, body, bounds, context);
    return withHeaders(succeeded(data), setCookie(context.origin, cookie, lifetime));
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

function withHeaders(response: Response, headers: Record<string, string>): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

export const consoleSession = new Hono<FaceEnv>()
  .post('/console/session', limited, open)
  .post('/console/session/challenge', challenge)
  .delete('/console/session', close);
