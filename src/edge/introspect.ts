/** `/introspect` (RFC 7662): for resource servers that only know OAuth. */

import type { SessionRecord } from '../domain/entities/session.ts';
import { introspectToken } from '../domain/sessions/introspect.ts';
import { authorize } from '../policy/authorize.ts';
import type { RequestContext } from '../policy/request-context.ts';
import { missingRights } from '../policy/rights.ts';
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
  /** Only of a support session: who acts (RFC 8693, section 4.1). */
  act?: { sub: string };
}

export const introspectionOf = (record: SessionRecord): Introspection => ({
  active: true,
  sub: String(record.userId),
  client_id: String(record.tenantId),
  username: record.externalId ?? record.email ?? '',
  token_type: 'Bearer',
  iat: seconds(record.createdAt),
  exp: seconds(record.expiresAt),
  ...(record.actor !== undefined && { act: { sub: record.actor } }),
});

const INACTIVE = { active: false };

/** The introspection of a token, or a refusal. */
export async function introspect(
  request: Request,
  body: Uint8Array,
  context: RequestContext,
): Promise<object | Response> {
  const { headers, url } = request;
  const header = headers.get('Authorization') ?? undefined;
  // A hint tells where to look first (RFC 7662, section 2.1). Here there is only one place.
  const form = readForm(headers, body, PARAMETERS);
  const call = context.openCall();
  const caller = await authenticateClient(call, header, form, context);
  // A caller without the privilege gets the same answer as one without a credential (RFC 7662,
  // section 2.3).
  if (missingRights(caller, 'session.introspect') !== null) return unknownClient(header);
  const permit = authorize(call, caller, 'session.introspect');

  const token = readToken(form, header);
  if (token instanceof Response) return token;
  const consistency = consistencyOf(url);
  if (consistency instanceof Response) return consistency;
  const record = await introspectToken(permit, token, consistency);
  return record ? introspectionOf(record) : INACTIVE;
}
