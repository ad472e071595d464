/** Sign-ins that failed, as their companies see them: one event an account and minute, which counts the rest. */
import { sql } from 'drizzle-orm';
import { event } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';

/** From one event of an account to the next, in milliseconds. */
const QUIET_MS = 60_000;

interface Account {
  id: number;
  tenantId: number;
}

/**
 * Counts a failure of each account that has the address still, and tells of those that were not told of for a minute.
 * Behind the answer, and asking D1 even where there is no account, so that no answer tells whether there is one.
 */
export function noteFailures(
  permit: Permit<'member.signIn'>,
  email: string,
  accounts: Account[],
): void {
  const { db, now, call } = permit;
  const ids = JSON.stringify(accounts.map(({ id }) => id));
  const these = sql`user_id IN (SELECT value FROM json_each(${ids}))`;
  const isDue = sql`failures > 0 AND told_at <= ${now - QUIET_MS}`;
  const events = accounts.map(({ id, tenantId }): [string, Statement] => [
    `event ${id}`,
    event(
      { ...permit, tenantId },
      {
        action: 'member.signInFailed',
        user: sql`user_id`,
        subject: sql`json_object('count', failures)`,
      },
      sql`FROM failed_sign_ins WHERE user_id = ${id} AND ${isDue}`,
    ),
  ]);
  call.defer(() =>
    db.batch({
      count: statement(sql`
        INSERT INTO failed_sign_ins (user_id, failures, told_at)
        SELECT u.id, 1, 0 FROM json_each(${ids}) j JOIN users u ON u.id = j.value
        WHERE u.email = ${email}
        ON CONFLICT (user_id) DO UPDATE SET failures = failures + 1`),
      ...Object.fromEntries(events),
      told: statement(sql`
        UPDATE failed_sign_ins SET failures = 0, told_at = ${now} WHERE ${these} AND ${isDue}`),
    }),
  );
}
