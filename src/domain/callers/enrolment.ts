/** Reads who may enrol: a member with a password and without a second factor. */
import { sql } from 'drizzle-orm';
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

export async function readEnrolment(
  { db }: Pick<Call, 'db'>,
  userId: number,
): Promise<Enrolment | null> {
  const [row] = await db.read(
    select(
      columns,
      sql`FROM ${source(u)} JOIN ${source(pw)} ON ${pw.userId} = ${u.id}
        WHERE ${u.id} = ${userId} AND ${u.suspendedAt} IS NULL AND ${u.memberLevel} IS NOT NULL
          AND ${pw.hash} IS NOT NULL AND ${tenantExists(u.tenantId)} AND NOT ${hasFactor(u.id)}`,
    ),
  );
  return row ?? null;
}
