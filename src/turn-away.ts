/**
 * Ahead of Hono: one of a flood is refused at a part of the price that its refusal has further in. What is told is the
 * same there and here.
 */
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { getPath } from 'hono/utils/url';
import type { Fault } from './base/faults.ts';
import { PRIVATE } from './base/page.ts';
import type { Isolate } from './domain/permit.ts';
import { refusalType, refusedUnread } from './graphql/errors.ts';
import { turnedAwayFor } from './policy/admit.ts';
import { present } from './rest/answers.ts';
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
  // As every answer has them.
  const app = new Hono().get('/', secureHeaders(), ({ body }) => body(null, 204, PRIVATE));
  for (const [name, value] of (await app.request('/')).headers) headers.set(name, value);
  return { status, body: await response.text(), headers };
}

const templates = new Map<string, Template>();

/** What a fault is answered with in the words of a face. */
async function refusalFor(fault: Fault, face: string, make: () => Response): Promise<Template> {
  const name = `${face} ${fault.message}`;
  const template = templates.get(name) ?? (await templateOf(make()));
  templates.set(name, template);
  return template;
}

/** The refusal of a request whose tenant floods; null for all others, and where a browser's program wants to read it. */
export async function turnAway(
  request: Request,
  isolate: Isolate,
  { issuer, unitsPerSecond }: Settings,
): Promise<Response | null> {
  const sent = request.headers;
  if (sent.has('Origin')) return null;
  const fault = turnedAwayFor(isolate, issuer, sent, unitsPerSecond);
  if (!fault) return null;
  const path = getPath(request);
  const requestId = crypto.randomUUID();
  let refusal: Template;
  if (/^\/(graphql\/?)?$/.test(path)) {
    const type = refusalType(sent);
    refusal = await refusalFor(fault, type, () => refusedUnread(fault, type, requestId));
  } else if (isLimitedPath(path)) {
    refusal = await refusalFor(fault, 'rest', () => present(fault, requestId));
  } else return null;
  const { body, ...init } = refusal;
  const response = new Response(body, init);
  response.headers.set('X-Request-Id', requestId);
  return response;
}
