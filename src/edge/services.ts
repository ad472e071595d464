/**
 * `/introspect` and `/revoke`, which other services call: past Hono and what only the routes of people need. What is told
 * is the same either way.
 */
import { getPathNoStrict } from 'hono/utils/url';
import { secure } from '../base/page.ts';
import { answer, present, tooLarge } from './answers.ts';
import type { Service, Visitor } from './context.ts';
import { readBody } from './form.ts';
import { introspect } from './introspect.ts';
import { revoke } from './revoke.ts';

/** Gives what is to be told as JSON, or a response that is made already. */
type Serve = (request: Request, body: Uint8Array, service: Service) => Promise<object | Response>;

const services = {
  '/introspect': introspect,
  '/revoke': revoke,
} satisfies Record<string, Serve>;
export type ServicePath = keyof typeof services;

/** The service that a request is for; null for all others, and for programs on pages: these need more of an answer. */
export function serviceOf(request: Request): ServicePath | null {
  if (request.method !== 'POST' || request.headers.has('Origin')) return null;
  const path = getPathNoStrict(request);
  return Object.hasOwn(services, path) ? (path as ServicePath) : null;
}

async function tell(
  path: ServicePath,
  request: Request,
  service: Service,
): Promise<object | Response> {
  const body = await readBody(request);
  return body ? services[path](request, body, service) : tooLarge();
}

/** The answer, before what every answer says. */
export async function serve(
  path: ServicePath,
  request: Request,
  service: Service,
): Promise<Response> {
  const told = await tell(path, request, service);
  return told instanceof Response ? told : answer(200, told);
}

/** What every answer with a fact says: made once, since an answer takes a copy. */
const described = new Headers({ 'Content-Type': 'application/json' });
secure(described);

/** The whole answer. */
export async function serveAhead(
  path: ServicePath,
  request: Request,
  visitor: Visitor,
  operatorKeys: readonly string[],
): Promise<Response> {
  const service = { openCall: () => visitor.openCall(), operatorKeys };
  let response: Response;
  try {
    const answer = () => tell(path, request, service);
    // A change that is left half published would be felt late; a question may be dropped.
    const told = await (path === '/revoke' ? visitor.whole(answer) : answer());
    if (!(told instanceof Response)) {
      described.set('X-Request-Id', visitor.requestId);
      return visitor.mark(new Response(JSON.stringify(told), { headers: described }));
    }
    response = told;
  } catch (error) {
    const header = request.headers.get('Authorization') ?? undefined;
    response = present(error, visitor.requestId, header);
  }
  secure(response.headers);
  return visitor.sign(response);
}
