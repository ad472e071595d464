/** Ending sessions: in D1 first, which decides, then in the copies. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuse } from '../../base/faults.ts';
import { readCredential } from '../../base/secrets.ts';
import { parse, text } from '../../base/text.ts';
import { event } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import { isUser, type UserIdentifier, userIdentifier } from '../users/user.ts';
import { publish } from './publish.ts';

/** Revokes the sessions that fit and forgets their labels, giving their ids. */
export const endSessions = (now: number, fits: SQL): Statement<{ id: string }> =>
  statement<{ id: string }>(sql`
    UPDATE sessions SET revoked_at = ${now}, label = NULL WHERE revoked_at IS NULL AND ${fits} RETURNING id`);

/** The event of ending the live sessions `s` that fit, to stand before it. */
export const endedEvent = (
  permit: Permit<string>,
  action: 'session.remove' | 'session.removeAll',
  fits: SQL,
): Statement =>
  event(
    permit,
    {
      action,
      nth: 'e',
      user: sql`user_id`,
      subject: sql`json_object('sessionIds', json(json_group_array(id)))`,
    },
    sql`FROM sessions WHERE revoked_at IS NULL AND expires_at > ${permit.now} AND ${fits} GROUP BY user_id`,
  );

const oneInput = v.object({
  sessionId: v.nullish(text(64)),
  accessToken: v.nullish(v.string()),
});

/** Exactly one of the two, as the faces see to. */
export interface SessionIdentifier {
  sessionId?: string | null | undefined;
  accessToken?: string | null | undefined;
}

async function end(
  permit: Permit<'session.remove' | 'session.removeAll'>,
  fits: SQL,
): Promise<{ sessionIds: string[] }> {
  const { ending, ended } = await permit.db.batch({
    ending: statement<{ id: string }>(
      sql`SELECT id FROM sessions WHERE revoked_at IS NULL AND expires_at > ${permit.now} AND ${fits}`,
    ),
    event: endedEvent(permit, permit.action, fits),
    ended: endSessions(permit.now, fits),
  });
  publish(permit.call, ended);
  return { sessionIds: ending.map(({ id }) => id) };
}

/** `sessionIds` names what this very call ended: nothing for a session unknown, ended or another tenant's. */
export async function removeSession(
  permit: Permit<'session.remove'>,
  raw: SessionIdentifier,
): Promise<{ sessionIds: string[] }> {
  const { sessionId, accessToken } = parse(oneInput, raw);
  const { tenantId, call } = permit;
  if (accessToken == null) return end(permit, sql`tenant_id = ${tenantId} AND id = ${sessionId}`);
  const credential = readCredential(accessToken, call.tokenSecrets);
  if (credential?.kind === 'key') {
    throw refuse('INVALID', ['accessToken'], 'This is an API key. Give a session’s access token.');
  }
  if (!credential) return { sessionIds: [] };
  return end(
    permit,
    sql`tenant_id = ${tenantId} AND id = ${credential.id} AND hash = ${credential.hash}`,
  );
}

const allInput = v.object({ userIdentifier });

export function removeSessions(
  permit: Permit<'session.removeAll'>,
  raw: { userIdentifier: UserIdentifier },
): Promise<{ sessionIds: string[] }> {
  const picked = isUser(permit.tenantId, parse(allInput, raw).userIdentifier);
  return end(permit, sql`user_id = (SELECT u.id FROM users u WHERE ${picked})`);
}
