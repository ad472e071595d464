/** `/introspect` (RFC 7662): for resource servers that know OAuth and nothing of us. */

import type { SessionRecord } from '../domain/entities/session.ts';
import { introspectToken } from '../domain/sessions/introspect.ts';
import { allow } from '../policy/allow.ts';
import type { RequestContext } from '../policy/request-context.ts';
import { lack } from '../policy/rules.ts';
import { unknownClient } from './answers.ts';
import { authenticateClient, PARAMETERS, readToken } from './clients.ts';
import { consistencyOf } from './consistency.ts';
import { readForm } from './form.ts';

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** RFC 7662, section 2.2. */
export interface Introspection {
  active: true;
  /** The user's id. */
  sub: string;
  /** The tenant's id. */
  client_id: string;
  /** The user's `externalId`; a member's e-mail address. */
  username: string;
  token_type: 'Bearer';
  /** Epoch seconds. */
  iat: number;
  exp: number;
}

export const introspectionOf = (record: SessionRecord): Introspection => ({
  active: true,
  sub: String(record.userId),
  client_id: String(record.tenantId),
  username: record.externalId ?? record.email ?? '',
  token_type: 'Bearer',
  iat: seconds(record.createdAt),
  exp: seconds(record.expiresAt),
});

const INACTIVE = { active: false };

/** What is told of a token, or why nothing is. */
export async function introspect(
  request: Request,
  body: Uint8Array,
  context: RequestContext,
): Promise<object | Response> {
  const { headers, url } = request;
  const header = headers.get('Authorization') ?? undefined;
  // A hint only tells where to look first (RFC 7662, section 2.1): there is one place to look.
  const form = readForm(headers, body, PARAMETERS);
  const call = context.openCall();
  const caller = await authenticateClient(call, header, form, context);
  // RFC 7662, section 2.3: a caller without the privilege is answered as one without a credential.
  if (lack(caller, 'session.introspect') !== null) return unknownClient(header);
  const permit = allow(call, caller, 'session.introspect');

  const token = readToken(form, header);
  if (token instanceof Response) return token;
  const consistency = consistencyOf(url);
  if (consistency instanceof Response) return consistency;
  const record = await introspectToken(permit, token, consistency);
  return record ? introspectionOf(record) : INACTIVE;
}
