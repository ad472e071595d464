/** The live sessions of a user. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse } from '../../base/text.ts';
import { s, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { type RowOf, select } from '../../db/statements.ts';
import { idOfUser, isUser, type UserIdentifier, userIdentifier } from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { isLive } from './live.ts';

const columns = {
  id: s.id,
  label: s.label,
  createdAt: s.createdAt,
  /** When it was last renewed, up to a day before its last activity. */
  lastActiveAt: s.renewedAt,
  expiresAt: s.expiresAt,
};

export type Session = RowOf<typeof columns>;

/** Selects the sessions `s` that fit. */
export const selectSessions = (fits: SQL, rest = sql``): Statement<Session> =>
  select(columns, sql`FROM ${source(s)} WHERE ${fits} ${rest}`);

const input = v.object({ userIdentifier });

/** Lists sessions, the most recently active first. Empty for an unknown user. */
export function listSessions(
  permit: Permit<'session.list'>,
  raw: { userIdentifier: UserIdentifier },
): Promise<Session[]> {
  const picked = isUser(permit.tenantId, parse(input, raw).userIdentifier);
  return permit.db.read(
    selectSessions(
      sql`${s.userId} = ${idOfUser(picked)} AND ${isLive(permit.now)}`,
      sql`ORDER BY ${s.renewedAt} DESC, ${s.id}`,
    ),
  );
}
