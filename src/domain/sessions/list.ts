/** The live sessions of a user, and the one behind an access token. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import type { Credential } from '../../base/issuer.ts';
import { parse } from '../../base/text.ts';
import { statement } from '../../db/connect.ts';
import type { Call, Level, Permit } from '../permit.ts';
import { tenantExists } from '../tenant.ts';
import { idOfUser, isUser, type UserIdentifier, userIdentifier } from '../users/user.ts';
import { hasToken, isLive } from './live.ts';

export interface Session {
  id: string;
  label: string | null;
  createdAt: number;
  /** When it was last renewed: up to a day behind its last activity. */
  lastActiveAt: number;
  expiresAt: number;
}

export const sessionColumns = sql.raw(
  's.id, s.label, s.created_at AS createdAt, s.renewed_at AS lastActiveAt, s.expires_at AS expiresAt',
);

const input = v.object({ userIdentifier });

/** Most recently active first; none for an unknown user. */
export function listSessions(
  permit: Permit<'session.list'>,
  raw: { userIdentifier: UserIdentifier },
): Promise<Session[]> {
  const picked = isUser(permit.tenantId, parse(input, raw).userIdentifier);
  return permit.db.read(
    statement<Session>(sql`
      SELECT ${sessionColumns} FROM sessions s
      WHERE s.user_id = ${idOfUser(picked)} AND ${isLive(permit.now)}
      ORDER BY s.renewed_at DESC, s.id`),
  );
}

export interface PresentedSession {
  id: string;
  tenantId: number;
  userId: number;
  renewAfter: number;
  madeBy: string | null;
  /** Null for an end user. */
  level: Level | null;
}

/** The live session that a credential is the token of, as D1 has it: no copy decides. */
export async function presentedSession(
  call: Call,
  credential: Credential,
): Promise<PresentedSession | null> {
  const [session] = await call.db.read(
    statement<PresentedSession>(sql`
      SELECT s.id, s.tenant_id AS tenantId, s.user_id AS userId, s.renew_after AS renewAfter, s.made_by AS madeBy,
        u.member_level AS level
      FROM sessions s JOIN users u ON u.id = s.user_id
      WHERE ${hasToken(credential)} AND ${isLive(call.now)} AND u.suspended_at IS NULL AND u.removed_at IS NULL AND ${tenantExists(sql`s.tenant_id`)}`),
  );
  return session ?? null;
}
