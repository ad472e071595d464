/** The live sessions of a user. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse } from '../../base/text.ts';
import { statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import { idOfUser, isUser, type UserIdentifier, userIdentifier } from '../users/user.ts';
import { isLive } from './live.ts';

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
