/**
 * Ahead of Hono: a refusal at a part of the price that it has further in, in the same words as
 * there.
 */
import type { Fault } from '../base/faults.ts';
import { secure } from '../base/page.ts';
import { present as presentEdge } from '../edge/answers.ts';
import { refusalType, refusedUnread } from '../graphql/errors.ts';
import { present as presentRest } from '../rest/answers.ts';
import { type Face, faceOf } from './faces.ts';

/** A refusal, but for the id of its request. */
interface Template {
  status: number;
  body: string;
  headers: Headers;
}

async function templateOf(response: Response): Promise<Template> {
  const { status, headers } = response;
  secure(headers);
  return { status, body: await response.text(), headers };
}

const templates = new Map<string, Template>();

type Refuse = (fault: Fault, requestId: string, type: string) => Response;

/** What a fault is answered with in the words of a face. */
const faces = {
  graphql: (fault, requestId, type) => refusedUnread(fault, type, requestId),
  edge: presentEdge,
  rest: presentRest,
  health({ code, message, cause }, requestId) {
    console.error({ requestId, code, cause });
    return Response.json({ status: message }, { status: 503 });
  },
} satisfies Record<Face, Refuse>;

/**
 * The refusal of a request that nobody has read. What is behind the fault is logged the first time.
 * `path`: without a slash at its end.
 */
export async function refuseUnread(
  request: Request,
  path: string,
  fault: Fault,
): Promise<Response> {
  const face = faceOf(path);
  const type = face === 'graphql' ? refusalType(request.headers) : '';
  const requestId = crypto.randomUUID();
  const name = `${face} ${type} ${fault.message}`;
  const refuse: Refuse = faces[face];
  const template = templates.get(name) ?? (await templateOf(refuse(fault, requestId, type)));
  templates.set(name, template);
  const { body, ...init } = template;
  const response = new Response(body, init);
  response.headers.set('X-Request-Id', requestId);
  return response;
}
