/** `POST /console/session/proof`: who uses a session of the console shows again who that is. */
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { readCookie } from '../base/console-cookie.ts';
import { refuse } from '../base/faults.ts';
import { parse } from '../base/text.ts';
import { callerUserId } from '../domain/callers/level.ts';
import {
  askToProve,
  proveByCode,
  proveByPasskey,
  proveByPassword,
} from '../domain/members/prove.ts';
import { assertion } from '../domain/passkeys/passkey.ts';
import { typedPassword } from '../domain/passwords/password.ts';
import type { Call, Permit } from '../domain/permit.ts';
import { authenticate, refused } from '../policy/authenticate.ts';
import { authorize } from '../policy/authorize.ts';
import type { FaceEnv, RequestContext } from '../policy/request-context.ts';
import { BadRequest, present, succeeded } from './answers.ts';
import { readJson, withHeaders } from './console-call.ts';
import { operatorCookie } from './console-session.ts';
import type { Bounds } from './route.ts';
import { boundsOf, limited } from './serve.ts';

interface Asked {
  permit: Permit<'session.prove'>;
  body: unknown;
  bounds: Bounds;
  context: RequestContext;
}

interface Way {
  of: 'member' | 'operator';
  /** Throws if it is no proof. Returns the headers of the answer. */
  prove(asked: Asked): Promise<Record<string, string>>;
}

/** Each way to prove it, by the one field that it takes. */
const WAYS = {
  password: {
    of: 'member',
    async prove({ permit, body, bounds: { limitAccount, inTurn } }) {
      const { password } = parse(v.object({ password: typedPassword }), body);
      await limitAccount(`user ${callerUserId(permit)}`);
      if (await proveByPassword(permit, password, inTurn)) return {};
      throw new BadRequest(400, 'password', 'This is not your password.');
    },
  },
  code: {
    of: 'member',
    async prove({ permit, body, bounds: { limitAccount } }) {
      await limitAccount(`user ${callerUserId(permit)}`);
      await proveByCode(permit, body);
      return {};
    },
  },
  passkey: {
    of: 'member',
    async prove({ permit, body }) {
      if (await proveByPasskey(permit, body)) return {};
      throw new BadRequest(400, 'passkey', 'This passkey did not prove it. Try again.');
    },
  },
  operatorKey: {
    of: 'operator',
    /** A signed cookie cannot be changed: it is replaced by a new one. */
    async prove({ permit, body, bounds, context }) {
      const { operatorKey } = body as { operatorKey: unknown };
      return operatorCookie(permit.call, operatorKey, context, bounds);
    },
  },
} as const satisfies Record<string, Way>;

const NAMES = Object.keys(WAYS) as (keyof typeof WAYS)[];

const input = v.object({
  ...v.entriesFromList(NAMES, v.optional(v.unknown())),
  passkey: v.optional(assertion),
});

/** The way that was taken. Throws INVALID unless there is just one, open to the caller. */
function wayFor({ caller }: Permit<'session.prove'>, body: Record<string, unknown>): Way {
  const open = NAMES.filter((name) => WAYS[name].of === caller.kind);
  const [name, ...others] = NAMES.filter((one) => body[one] !== undefined);
  if (name && others.length === 0 && open.includes(name)) return WAYS[name];
  throw refuse(
    'INVALID',
    [name ?? open[0] ?? 'body'],
    `Send one of these alone: ${open.join(', ')}.`,
  );
}

/** A Permit for whoever the cookie says. */
async function authorizeProof(call: Call, context: RequestContext, headers: Headers) {
  const token = readCookie(headers.get('Cookie'), context.origin);
  if (token === null) throw refused(null, 'cookie');
  return authorize(call, await authenticate(call, `Bearer ${token}`, context), 'session.prove');
}

async function prove({ req, get }: Context<FaceEnv>): Promise<Response> {
  const context = get('requestContext');
  const { headers } = req.raw;
  try {
    const body = await readJson(req.raw, input);
    const call = context.openCall();
    const bounds = boundsOf(context, call, headers);
    await bounds.limitAddress();
    const permit = await authorizeProof(call, context, headers);
    const told = await wayFor(permit, body).prove({ permit, body, bounds, context });
    return withHeaders(succeeded({}), told);
  } catch (error) {
    return present(error, context.requestId);
  }
}

/** What a passkey of the member signs. */
async function challenge({ req, get }: Context<FaceEnv>): Promise<Response> {
  const context = get('requestContext');
  const { headers } = req.raw;
  try {
    const call = context.openCall();
    await boundsOf(context, call, headers).limitAddress();
    return succeeded(await askToProve(await authorizeProof(call, context, headers)));
  } catch (error) {
    return present(error, context.requestId);
  }
}

export const consoleProof = new Hono<FaceEnv>()
  .post('/console/session/proof', limited, prove)
  .post('/console/session/proof/challenge', challenge);
