/** `/revoke` (RFC 7009): by a tenant's service, or by the session itself. */
import { removeOwnSession, revokeToken } from '../domain/sessions/end.ts';
import { allow } from '../policy/allow.ts';
import { bearerToken } from '../policy/authenticate.ts';
import { lack } from '../policy/rules.ts';
import { answer, badRequest, unknownClient } from './answers.ts';
import { authenticateClient, schemeOf } from './clients.ts';
import type { EdgeContext } from './context.ts';
import { readForm } from './form.ts';

export async function revoke({ req, get }: EdgeContext): Promise<Response> {
  const handover = get('handover');
  const header = req.header('Authorization');
  const form = await readForm(req, ['token']);
  const call = handover.openCall();
  const caller = await authenticateClient(call, header, handover);
  const ofItself = lack(caller, 'session.removeOwn') === null;
  if (!ofItself && lack(caller, 'session.remove') !== null) return unknownClient(schemeOf(header));

  if (form instanceof Response) return form;
  if (form.token === undefined) return badRequest('"token" is missing.');
  if (!ofItself) {
    await revokeToken(allow(call, caller, 'session.remove'), form.token);
  } else {
    if (bearerToken(header ?? '') !== form.token) return unknownClient('Bearer');
    await removeOwnSession(allow(call, caller, 'session.removeOwn'));
  }
  // RFC 7009, section 2.2: whatever the token was.
  return answer(200, null);
}
