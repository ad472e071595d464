/** Refuses requests before Hono sees them, at a fraction of the cost and with the same messages. */
import type { Fault } from '../base/faults.ts';
import type { MaybePromise } from '../base/maybe-promise.ts';
import { setSecurityHeaders } from '../base/security-headers.ts';
import { present as presentEdge } from '../edge/answers.ts';
import { earlyRefusal, refusalType } from '../graphql/errors.ts';
import { present as presentRest } from '../rest/answers.ts';
import { type Face, faceOf } from './faces.ts';

/** A refusal without its request id. */
interface Template {
  status: number;
  body: string;
  headers: Headers;
}

async function templateOf(response: Response): Promise<Template> {
  const { status, headers } = response;
  setSecurityHeaders(headers);
  return { status, body: await response.text(), headers };
}

const templates = new Map<string, Template>();

type Refuse = (fault: Fault, requestId: string, type: string) => Response;

/** The response of each face to a fault. */
const faces = {
  graphql: (fault, requestId, type) => earlyRefusal(fault, type, requestId),
  edge: presentEdge,
  rest: presentRest,
  health({ code, message, cause }, requestId) {
    console.error({ requestId, code, cause });
    return Response.json({ status: message }, { status: 503 });
  },
} satisfies Record<Face, Refuse>;

function responseFrom(template: Template, requestId: string): Response {
  // A response copies the headers that it is given.
  template.headers.set('X-Request-Id', requestId);
  return new Response(template.body, template);
}

/**
 * The refusal of a request that was not read: at once if the same was refused before. The cause of
 * the fault is logged the first time. `path`: without a slash at its end.
 */
export function refuseEarly(request: Request, path: string, fault: Fault): MaybePromise<Response> {
  const face = faceOf(path);
  const type = face === 'graphql' ? refusalType(request.headers) : '';
  const requestId = crypto.randomUUID();
  const name = `${face} ${type} ${fault.message}`;
  const template = templates.get(name);
  if (template) return responseFrom(template, requestId);
  const refuse: Refuse = faces[face];
  return templateOf(refuse(fault, requestId, type)).then((made) => {
    templates.set(name, made);
    return responseFrom(made, requestId);
  });
}
