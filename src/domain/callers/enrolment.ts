/** Who may enrol: a member with a password and without a second factor. */
import { type SQL, sql } from 'drizzle-orm';
import { pw, source, u } from '../../db/aliases.ts';
import { select } from '../../db/statements.ts';
import type { Enrolment } from '../credentials.ts';
import { hasFactor } from '../entities/factor.ts';
import { tenantExists } from '../entities/tenant.ts';
import type { Level } from '../entities/user.ts';
import type { Call } from '../permit.ts';

const columns = {
  ...{ tenantId: u.tenantId, userId: u.id },
  level: sql<Level>`${u.memberLevel}`,
  passwordHash: sql<string>`${pw.hash}`,
};

const fromEnrolling = (userId: number): SQL => sql`
  FROM ${source(u)} JOIN ${source(pw)} ON ${pw.userId} = ${u.id}
  WHERE ${u.id} = ${userId} AND ${u.suspendedAt} IS NULL AND ${u.memberLevel} IS NOT NULL
    AND ${pw.hash} IS NOT NULL AND ${tenantExists(u.tenantId)} AND NOT ${hasFactor(u.id)}`;

/** The enrolment that the user with this id may begin. Null if there is none. */
export async function readEnrolment(
  { db }: Pick<Call, 'db'>,
  userId: number,
): Promise<Enrolment | null> {
  const [row] = await db.read(select(columns, fromEnrolling(userId)));
  return row ?? null;
}

/** Whether an enrolment goes on: with the password and the level that it began with. */
export const isStillEnrolling = ({ userId, level, passwordHash }: Enrolment): SQL =>
  sql`EXISTS (SELECT 1 ${fromEnrolling(userId)}
    AND ${pw.hash} = ${passwordHash} AND ${u.memberLevel} = ${level})`;
