/** Records failed sign-ins for the audit trail: one event per account and minute, with a count. */
import { sql } from 'drizzle-orm';
import { f, source, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { failedSignIns } from '../../db/schema.ts';
import { assignments, insert, onConflict, unqualified, update } from '../../db/statements.ts';
import type { Permit } from '../permit.ts';

/** The least time between two events of an account, in milliseconds. */
const QUIET_MS = 60_000;

type Account = Pick<typeof u.$inferSelect, 'id' | 'tenantId'>;

/**
 * Counts a failure for each account that still has the address, and writes events for those that
 * had none for a minute. It runs after the response, and asks D1 even if there is no account, so
 * that no response time tells whether there is one.
 */
export function noteFailures(
  permit: Permit<'member.signIn' | 'session.prove'>,
  email: string,
  accounts: Account[],
): void {
  const { db, now, call } = permit;
  const ids = JSON.stringify(accounts.map(({ id }) => id));
  const these = sql`${f.userId} IN (SELECT value FROM json_each(${ids}))`;
  const isDue = sql`${f.failures} > 0 AND ${f.toldAt} <= ${now - QUIET_MS}`;
  const events = accounts.map(({ id, tenantId }): [string, Statement] => [
    `event ${id}`,
    event(
      { ...permit, tenantId },
      {
        action: 'member.signInFailed',
        user: f.userId,
        subject: { count: f.failures },
      },
      sql`FROM ${source(f)} WHERE ${f.userId} = ${id} AND ${isDue}`,
    ),
  ]);
  call.defer(() =>
    db.batch({
      count: insert(
        failedSignIns,
        { userId: u.id, failures: 1, toldAt: 0 },
        sql`FROM json_each(${ids}) j JOIN ${source(u)} ON ${u.id} = j.value
          WHERE ${u.email} = ${email}
          ${onConflict(f.userId)} DO UPDATE
          SET ${assignments(f, { failures: sql`${unqualified(f.failures)} + 1` })}`,
      ),
      ...Object.fromEntries(events),
      told: update(f, { failures: 0, toldAt: now }, sql`WHERE ${these} AND ${isDue}`),
    }),
  );
}
