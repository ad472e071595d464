/**
 * Ahead of Hono: one of a flood is refused at a part of the price that its refusal has further in, and told the same as
 * there; and everything is refused where a deployment lacks what it needs.
 */
import { getPathNoStrict } from 'hono/utils/url';
import type { Fault } from './base/faults.ts';
import { secure } from './base/page.ts';
import type { Isolate } from './domain/permit.ts';
import { present as presentEdge } from './edge/answers.ts';
import { isEdgePath } from './edge/routes.ts';
import { refusalType, refusedUnread } from './graphql/errors.ts';
import { turnedAwayFor } from './policy/admit.ts';
import { present as presentRest } from './rest/answers.ts';
import { isLimitedPath } from './rest/serve.ts';
import type { Settings } from './settings.ts';

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
} satisfies Record<string, Refuse>;
export type Face = keyof typeof faces;

/** Where GraphQL's errors are what is read. */
const GRAPHQL = ['/', '/graphql', '/schema.graphql'];

export function faceOf(path: string): Face {
  if (GRAPHQL.includes(path)) return 'graphql';
  if (path === '/health') return 'health';
  return isEdgePath(path) ? 'edge' : 'rest';
}

/** The refusal of a request that nobody has read. What is behind the fault is logged the first time. */
export async function refuseUnread(request: Request, fault: Fault): Promise<Response> {
  const face = faceOf(getPathNoStrict(request));
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

/** The refusal of a request whose tenant floods; null for all others, and where a browser's program wants to read it. */
export async function turnAway(
  request: Request,
  isolate: Isolate,
  { issuer, unitsPerSecond }: Settings,
): Promise<Response | null> {
  const sent = request.headers;
  if (sent.has('Origin')) return null;
  const path = getPathNoStrict(request);
  if (faceOf(path) !== 'graphql' && !isLimitedPath(path)) return null;
  const fault = turnedAwayFor(isolate, issuer, sent, unitsPerSecond);
  return fault && refuseUnread(request, fault);
}
