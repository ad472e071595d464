/** `/revoke` (RFC 7009): called by a tenant's service, or by the session itself. */
import { adviceOnToken, bareToken } from '../base/credential-advice.ts';
import { removeOwnSession, revokeToken } from '../domain/sessions/remove.ts';
import { bearerToken } from '../policy/authenticate.ts';
import { authorize } from '../policy/authorize.ts';
import type { RequestContext } from '../policy/request-context.ts';
import { missingRights } from '../policy/rights.ts';
import { answer, unknownClient } from './answers.ts';
import { authenticateClient, PARAMETERS, readToken } from './clients.ts';
import { readForm } from './form.ts';

export async function revoke(
  { headers }: Request,
  body: Uint8Array,
  context: RequestContext,
): Promise<Response> {
  const header = headers.get('Authorization') ?? undefined;
  const form = readForm(headers, body, PARAMETERS);
  const call = context.openCall();
  const caller = await authenticateClient(call, header, form, context);
  const ofItself = missingRights(caller, 'session.signOut') === null;
  const unknown = () => unknownClient(header, ['key', 'ses']);
  if (!ofItself && missingRights(caller, 'session.remove') !== null) return unknown();

  const given = readToken(form, header);
  if (given instanceof Response) return given;
  const token = bareToken(given);
  if (!ofItself) {
    await revokeToken(authorize(call, caller, 'session.remove'), token);
  } else {
    if (bearerToken(header ?? '') !== token) return unknown();
    await removeOwnSession(authorize(call, caller, 'session.signOut'));
  }
  // The response is the same whatever the token was (RFC 7009, section 2.2). Programs ignore the
  // body: it is for people.
  const hint = adviceOnToken(token, 'ses');
  return answer(200, hint === '' ? null : { hint });
}
