/**
 * Authenticates the service that calls `/introspect` or `/revoke`: an API key as Bearer, or as the
 * client secret with the tenant's id as the client id.
 */
import { Fault } from '../base/faults.ts';
import { readUtf8, unescapeUtf8 } from '../base/utf8.ts';
import type { Caller } from '../domain/credentials.ts';
import type { Call } from '../domain/permit.ts';
import { authenticate } from '../policy/authenticate.ts';
import type { RequestContext } from '../policy/request-context.ts';
import { badRequest, schemeOf } from './answers.ts';

/** RFC 8414's names for the ways to authenticate other than Bearer. */
export const CLIENT_AUTHENTICATION = ['client_secret_basic', 'client_secret_post'] as const;

/** The form parameters of both calls. */
export const PARAMETERS = ['token', 'client_id', 'client_secret'] as const;
export type ClientForm = Partial<Record<(typeof PARAMETERS)[number], string>>;

/** A client authenticates in one way only (RFC 6749, section 2.3). */
const TWICE =
  'Send the credential once: in the Authorization header, or as client_id and client_secret ' +
  'in the form.';

/** The token in a form, or the refusal of a form without one. */
export function readToken(
  form: ClientForm | Response,
  header: string | undefined,
): string | Response {
  if (form instanceof Response) return form;
  if (header !== undefined && form.client_secret !== undefined) return badRequest(TWICE);
  return form.token ?? badRequest('"token" is missing. Send it in the form: token=….');
}

interface Client {
  id: string;
  secret: string;
}

const BASIC = /^basic +([A-Za-z0-9+/=]+)$/i;

/** Both parts of Basic are form-encoded before they are joined (RFC 6749, section 2.3.1). */
const decode = (part: string): string | null => unescapeUtf8(part.replaceAll('+', ' '));

function readBasic(header: string): Client | null {
  const encoded = BASIC.exec(header)?.[1];
  if (encoded === undefined) return null;
  const [id = '', ...rest] = (readUtf8(Buffer.from(encoded, 'base64')) ?? '').split(':');
  const clientId = decode(id);
  const secret = decode(rest.join(':'));
  return clientId === null || secret === null ? null : { id: clientId, secret };
}

function readPosted(form: ClientForm | Response): Client | null {
  if (form instanceof Response) return null;
  const { client_id: id, client_secret: secret } = form;
  return id === undefined || secret === undefined ? null : { id, secret };
}

/**
 * The calling service. A missing and an invalid credential both give a guest, so they are answered
 * alike. The form counts only without an Authorization header.
 */
export async function authenticateClient(
  call: Call,
  header: string | undefined,
  form: ClientForm | Response,
  context: RequestContext,
): Promise<Caller> {
  const nobody: Caller = { kind: 'guest' };
  try {
    if (header !== undefined && schemeOf(header) === 'Bearer') {
      return await authenticate(call, header, context);
    }
    const client = header === undefined ? readPosted(form) : readBasic(header);
    if (!client) return nobody;
    const caller = await authenticate(call, `Bearer ${client.secret}`, context);
    return caller.kind === 'key' && String(caller.tenantId) === client.id ? caller : nobody;
  } catch (fault) {
    if (fault instanceof Fault && fault.code === 'UNAUTHENTICATED') return nobody;
    throw fault;
  }
}
