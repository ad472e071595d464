/** Signing in: from an e-mail address and a password to a session, like any other. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { described, id, string } from '../../base/fields.ts';
import { hashPassword, isOutdated, isPassword } from '../../base/passwords.ts';
import { parse } from '../../base/text.ts';
import { statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import { insertSession } from '../sessions/open.ts';
import { publish, publishEnds } from '../sessions/publish.ts';
import { selectRecords } from '../sessions/record.ts';
import { tenantExists } from '../tenant.ts';
import { foldEmail } from '../users/user.ts';
import { type Member, selectMembers, toMember } from './member.ts';
import { typedPassword } from './password.ts';

export const signInInput = v.object({
  email: described(
    string(1, 254),
    'The member’s e-mail address, in any letter case.',
    'ada@example.com',
  ),
  password: described(typedPassword, 'The member’s password.'),
  company_id: v.optional(
    described(
      id,
      'Which company is meant, where the same address is a member of more than one; without it, the one where it had a password first.',
    ),
  ),
});

interface Candidate {
  id: number;
  tenantId: number;
  hash: string;
  suspendedAt: number | null;
}

export interface SignedIn {
  token: string;
  tenantId: number;
  member: Member;
}

/** Null alike for an unknown address, a wrong password and a disabled user: all take the same work. */
export async function signIn(
  permit: Permit<'member.signIn'>,
  raw: unknown,
): Promise<SignedIn | null> {
  const { email, password, company_id: company } = parse(signInInput, raw);
  const { db, call, now } = permit;
  const [candidate] = await db.read(
    statement<Candidate>(sql`
      SELECT u.id, u.tenant_id AS tenantId, p.hash, u.suspended_at AS suspendedAt
      FROM users u JOIN passwords p ON p.user_id = u.id
      WHERE u.email = ${foldEmail(email)} AND p.hash IS NOT NULL AND ${tenantExists(sql`u.tenant_id`)} AND ${company === undefined ? sql`1` : sql`u.tenant_id = ${company}`}
      ORDER BY u.suspended_at IS NOT NULL, p.first_set_at, u.id LIMIT 1`),
  );
  const isRight = await isPassword(password, candidate?.hash ?? null);
  if (!candidate || !isRight || candidate.suspendedAt !== null) return null;

  const { id: userId, tenantId, hash } = candidate;
  const rehashed = isOutdated(hash) ? await hashPassword(password) : hash;
  const credential = await call.issuer.issue('ses');
  const origin = { ...permit, tenantId, actor: { kind: 'MEMBER', id: credential.id } } as const;
  const {
    ended,
    withdrawn,
    rows,
    members: [row],
  } = await db.batch({
    // Meanwhile the password may have been changed, or the user disabled.
    ...insertSession(
      origin,
      credential,
      null,
      sql`u.id = ${userId} AND EXISTS (SELECT 1 FROM passwords WHERE user_id = u.id AND hash = ${hash})`,
    ),
    rows: selectRecords(sql`s.id = ${credential.id}`, now),
    rehash: statement(
      sql`UPDATE passwords SET hash = ${rehashed} WHERE user_id = ${userId} AND hash = ${hash} AND ${rehashed === hash ? 0 : 1}`,
    ),
    members: selectMembers(sql`u.id = ${userId}`, sql`1`),
  });
  if (rows.length === 0 || !row) return null;
  publish(call, rows, rows);
  publishEnds(call, ended, withdrawn);
  return { token: credential.token, tenantId, member: toMember(row) };
}
