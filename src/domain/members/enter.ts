/** Opens the session of a member who has shown who they are. */
import { type SQL, sql } from 'drizzle-orm';
import type { SessionKind } from '../../base/issuer.ts';
import { s, source, u } from '../../db/aliases.ts';
import type { OpenedBy } from '../entities/factor.ts';
import { type RecordRow, selectRecords } from '../entities/session.ts';
import type { Permit } from '../permit.ts';
import { insertSession } from '../sessions/open.ts';
import { publish, publishEnds } from '../sessions/publish.ts';
import type { Withdrawal } from '../sessions/withdrawals.ts';
import { type Member, type MemberRow, selectMembers, toMember } from './member.ts';

export interface SignedIn {
  outcome: 'signedIn';
  token: string;
  tenantId: number;
  member: Member;
}

/** What the batch gave that held the statements. */
interface Entered {
  rows: RecordRow[];
  members: MemberRow[];
  ended: { id: string }[];
  withdrawn: Withdrawal[];
}

/**
 * The statements that open a session for the member, if `fits` holds: a condition over the user
 * `u`. `isOpen`: whether they did. `finish` takes the results of the batch. It returns null if no
 * session was opened.
 */
export async function enter(
  permit: Permit<'member.signIn'>,
  { id: userId, tenantId }: { id: number; tenantId: number },
  { kind, openedBy }: { kind: SessionKind; openedBy: OpenedBy },
  fits: SQL,
) {
  const { call, now } = permit;
  const credential = await call.issuer.issue(kind);
  const actor = { kind: 'MEMBER', id: credential.id, userId } as const;
  const isTheirs = sql`${u.id} = ${userId}`;
  const isThis = sql`${s.id} = ${credential.id}`;
  return {
    isOpen: sql`EXISTS (SELECT 1 FROM ${source(s)} WHERE ${isThis})`,
    statements: {
      ...insertSession(
        { ...permit, tenantId, actor },
        credential,
        { openedBy },
        sql`${isTheirs} AND ${fits}`,
      ),
      rows: selectRecords(isThis, now),
      members: selectMembers(isTheirs, sql`1`),
    },
    finish({ rows, members: [member], ended, withdrawn }: Entered): SignedIn | null {
      if (rows.length === 0 || !member) return null;
      publish(call, rows, rows);
      publishEnds(call, ended, withdrawn);
      return { outcome: 'signedIn', token: credential.token, tenantId, member: toMember(member) };
    },
  };
}
