/**
 * Ahead of Hono: a refusal at a part of the price that it has further in, in the same words as
 * there.
 */
import { getPathNoStrict } from 'hono/utils/url';
import type { Fault } from '../base/faults.ts';
import { secure } from '../base/page.ts';
import type { Soon } from '../base/soon.ts';
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

function answerFrom(template: Template, requestId: string): Response {
  // An answer takes a copy.
  template.headers.set('X-Request-Id', requestId);
  return new Response(template.body, template);
}

/**
 * The refusal of a request that nobody has read: at once where the same was refused before. What is
 * behind the fault is logged the first time. `path`: of the request.
 */
export function refuseUnread(
  request: Request,
  fault: Fault,
  path = getPathNoStrict(request),
): Soon<Response> {
  const face = faceOf(path);
  const type = face === 'graphql' ? refusalType(request.headers) : '';
  const requestId = crypto.randomUUID();
  const name = `${face} ${type} ${fault.message}`;
  const template = templates.get(name);
  if (template) return answerFrom(template, requestId);
  const refuse: Refuse = faces[face];
  return templateOf(refuse(fault, requestId, type)).then((made) => {
    templates.set(name, made);
    return answerFrom(made, requestId);
  });
}
