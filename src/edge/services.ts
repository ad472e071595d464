/**
 * `/introspect` and `/revoke`, which other services call. They skip Hono and the checks that only
 * routes for people need. The responses are the same either way.
 */
import { getPathNoStrict } from 'hono/utils/url';
import { setSecurityHeaders } from '../base/security-headers.ts';
import type { RequestContext } from '../policy/request-context.ts';
import { answer, present, tooLarge } from './answers.ts';
import { readBody } from './form.ts';
import { introspect } from './introspect.ts';
import { revoke } from './revoke.ts';

/** Returns what to send as JSON, or a complete response. */
type Serve = (
  request: Request,
  body: Uint8Array,
  context: RequestContext,
) => Promise<object | Response>;

const services = {
  '/introspect': introspect,
  '/revoke': revoke,
} satisfies Record<string, Serve>;
export type ServicePath = keyof typeof services;

/**
 * The service that a request is for. Null for all others, and for programs on pages, which need
 * CORS.
 */
export function serviceOf(request: Request): ServicePath | null {
  if (request.method !== 'POST' || request.headers.has('Origin')) return null;
  const path = getPathNoStrict(request);
  return Object.hasOwn(services, path) ? (path as ServicePath) : null;
}

async function run(
  path: ServicePath,
  request: Request,
  context: RequestContext,
): Promise<object | Response> {
  const body = await readBody(request);
  return body ? services[path](request, body, context) : tooLarge();
}

/** The response, without the headers that all responses have. */
export async function serve(
  path: ServicePath,
  request: Request,
  context: RequestContext,
): Promise<Response> {
  const told = await run(path, request, context);
  return told instanceof Response ? told : answer(200, told);
}

/** The headers of every successful response. Created once, since a response copies them. */
const described = new Headers({ 'Content-Type': 'application/json' });
setSecurityHeaders(described);

/** The complete response. */
export async function serveDirectly(
  path: ServicePath,
  request: Request,
  context: RequestContext,
): Promise<Response> {
  let response: Response;
  try {
    const answer = () => run(path, request, context);
    // A revocation must run to its end, or it would take effect late. An introspection may be
    // dropped.
    const told = await (path === '/revoke' ? context.runToCompletion(answer) : answer());
    if (!(told instanceof Response)) {
      described.set('X-Request-Id', context.requestId);
      return context.mark(new Response(JSON.stringify(told), { headers: described }));
    }
    response = told;
  } catch (error) {
    const header = request.headers.get('Authorization') ?? undefined;
    response = present(error, context.requestId, header);
  }
  setSecurityHeaders(response.headers);
  return context.stamp(response);
}
