/** `/session`: what an app asks about its own session. */

import { checkToken } from '../domain/sessions/check.ts';
import { removeOwnSession } from '../domain/sessions/remove.ts';
import { authenticate, bearerToken } from '../policy/authenticate.ts';
import { authorize } from '../policy/authorize.ts';
import { missingRights } from '../policy/rights.ts';
import { answer, unknownToken } from './answers.ts';
import { consistencyOf } from './consistency.ts';
import type { EdgeContext } from './context.ts';

export async function readSession({ req, get }: EdgeContext): Promise<Response> {
  const header = req.header('Authorization');
  const token = header === undefined ? null : bearerToken(header);
  if (token === null) return unknownToken(header);
  const consistency = consistencyOf(req.url);
  if (consistency instanceof Response) return consistency;
  const call = get('requestContext').openCall();
  const verdict = await checkToken(call, token, { consistency, activity: true });
  if (verdict.kind === 'unknown') return unknownToken(header);
  const { userId, expiresAt, actor } = verdict.record;
  const acting = actor === undefined ? {} : { actor };
  return answer(200, {
    ...{ user: userId, expires_at: new Date(expiresAt).toISOString() },
    ...acting,
  });
}

export async function signOut({ req, get }: EdgeContext): Promise<Response> {
  const context = get('requestContext');
  const call = context.openCall();
  const header = req.header('Authorization');
  const caller = await authenticate(call, header ?? null, context);
  if (missingRights(caller, 'session.signOut') === 'kind') return unknownToken(header);
  await removeOwnSession(authorize(call, caller, 'session.signOut'));
  return answer(204, null);
}
