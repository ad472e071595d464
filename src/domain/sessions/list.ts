/** The live sessions of a user. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse } from '../../base/text.ts';
import { s, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { type RowOf, select } from '../../db/statements.ts';
import { assertReachable } from '../callers/superiors.ts';
import {
  fromUser,
  idOfUser,
  isUser,
  type UserIdentifier,
  userIdentifier,
} from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { isLive } from './live.ts';

const columns = {
  id: s.id,
  label: s.label,
  createdAt: s.createdAt,
  /** When it was last renewed, up to a day before its last activity. */
  lastActiveAt: s.renewedAt,
  expiresAt: s.expiresAt,
  openedBy: s.openedBy,
  client: s.client,
};

export type Session = RowOf<typeof columns>;

/** Selects the sessions `s` that fit. */
export const selectSessions = (fits: SQL, rest = sql``): Statement<Session> =>
  select(columns, sql`FROM ${source(s)} WHERE ${fits} ${rest}`);

/** The live sessions of the user with this id, the most recently active first. */
const selectLive = (userId: SQL, now: number): Statement<Session> =>
  selectSessions(
    sql`${s.userId} = ${userId} AND ${isLive(now)}`,
    sql`ORDER BY ${s.renewedAt} DESC, ${s.id}`,
  );

const input = v.object({ userIdentifier });

/**
 * Lists sessions, the most recently active first. Empty for an unknown user. Throws FORBIDDEN for a
 * user above the calling member.
 */
export async function listSessions(
  permit: Permit<'session.list'>,
  raw: { userIdentifier: UserIdentifier },
): Promise<Session[]> {
  const picked = isUser(permit.tenantId, parse(input, raw).userIdentifier);
  const [sessions] = await Promise.all([
    permit.db.read(selectLive(idOfUser(picked), permit.now)),
    assertReachable(permit, fromUser(picked), 'userIdentifier'),
  ]);
  return sessions;
}

/** The same of the viewer. */
export const sessionsOfViewer = (
  { db, now }: Permit<'viewer.read'>,
  userId: number,
): Promise<Session[]> => db.read(selectLive(sql`${userId}`, now));
