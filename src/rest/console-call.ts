/** Calls of the console’s pages beside the APIs: JSON in, answers and refusals as in REST. */
import type { Context, Handler } from 'hono';
import { LONGEST_MS, setCookie } from '../base/console-cookie.ts';
import type { ObjectSchema } from '../base/fields.ts';
import { mediaTypeOf } from '../base/headers.ts';
import type { Permit } from '../domain/permit.ts';
import { authorize } from '../policy/authorize.ts';
import { authenticateAndCharge } from '../policy/rate-limits.ts';
import type { FaceEnv, RequestContext } from '../policy/request-context.ts';
import type { Action } from '../policy/rules.ts';
import { BadRequest, present, succeeded } from './answers.ts';
import { readFields } from './body.ts';
import type { Bounds } from './route.ts';
import { boundsOf } from './serve.ts';
import { assertKnownFields } from './unknown-fields.ts';

/** The fields of a body. Only JSON, which no form of another site can send. */
export async function readJson(
  request: Request,
  schema: ObjectSchema,
): Promise<Record<string, unknown>> {
  if (mediaTypeOf(request.headers.get('Content-Type') ?? '') !== 'application/json') {
    throw new BadRequest(415, 'body', 'The Content-Type must be application/json.');
  }
  const body = await readFields(await request.arrayBuffer(), request.headers, schema);
  assertKnownFields(body, schema);
  return body.fields;
}

export function withHeaders(response: Response, headers: Record<string, string>): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/** The header for the session of whoever has enrolled; none if a session called. */
export const cookieFor = ({ origin }: RequestContext, cookie: string | null) =>
  cookie === null ? {} : setCookie(origin, cookie, LONGEST_MS);

/** What a page asks for. */
export interface PageCall extends Bounds {
  /** The fields of the body; the verbs validate them. */
  body: Record<string, unknown>;
  context: RequestContext;
  /** A part of the path. */
  param(name: string): string;
}

/** What is answered: the data, and headers that it has besides. */
export interface PageAnswer {
  data: object;
  headers?: Record<string, string>;
}

/**
 * Serves a call of the pages for whoever the cookie says. `body`: absent if the call has none.
 */
export const pageCall =
  <A extends Action>(
    action: A,
    body: ObjectSchema | undefined,
    answer: (permit: Permit<A>, asked: PageCall) => Promise<PageAnswer>,
  ): Handler<FaceEnv> =>
  async ({ req, get }: Context<FaceEnv>) => {
    const context = get('requestContext');
    const { headers } = req.raw;
    try {
      const fields = body ? await readJson(req.raw, body) : {};
      const call = context.openCall();
      const caller = await authenticateAndCharge(call, headers, context);
      const { data, headers: more = {} } = await answer(authorize(call, caller, action), {
        ...{ body: fields, context, param: (name) => req.param(name) ?? '' },
        ...boundsOf(context, call, headers),
      });
      return withHeaders(succeeded(data), more);
    } catch (error) {
      return present(error, context.requestId);
    }
  };
