/** Setting a password with a reset token. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuse } from '../../base/faults.ts';
import { described, string } from '../../base/fields.ts';
import { parseAll } from '../../base/parse-all.ts';
import { hashPassword } from '../../base/passwords.ts';
import { adviceOnToken, bareToken } from '../../base/presented.ts';
import type { InTurn } from '../../base/turns.ts';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import { selectEnding, withdrawLeft, withdrawSessions } from '../sessions/end.ts';
import { publishEnds } from '../sessions/publish.ts';
import { tenantExists } from '../tenant.ts';
import { fitsKin, kinHash } from './address.ts';
import { commonness, EXAMPLE, newPassword, readCommon } from './password.ts';
import { isStillIssuable, useReset, voidResets } from './resets.ts';

export const setPasswordInput = v.object({
  reset_token: described(
    string(1, 200),
    'As `POST /user/<id>/password-reset` gave it, in its time; it works once.',
    'lk_rst_…',
  ),
  password: described(
    newPassword,
    'The new password: 12 to 128 characters, none of the commonest.',
    EXAMPLE,
  ),
});

const refused = (advice = '') =>
  refuse(
    'INVALID',
    ['reset_token'],
    advice || 'This reset token does not work, or no longer. Have a new one made.',
  );

/** Ends all sessions of the user, who signs in anew. */
export async function setPassword(
  permit: Permit<'member.setPassword'>,
  raw: unknown,
  inTurn: InTurn,
): Promise<void> {
  const { db, call, now, change } = permit;
  const common = await readCommon(call, raw);
  const { reset_token: given, password } = await parseAll(setPasswordInput, raw, {
    known: (some) => commonness(some.password, common),
  });
  const token = bareToken(given);
  const credential = await call.issuer.recognise(token, now);
  if (credential?.kind !== 'rst') throw refused(adviceOnToken(token, 'rst'));
  const holder = sql`SELECT u.id, u.tenant_id AS tenantId, ${kinHash} AS kin
    FROM reset_tokens t JOIN users u ON u.id = t.user_id
    WHERE t.id = ${credential.id} AND t.hash IN (${credential.hash}, ${credential.formerHash}) AND t.ends_at > ${now}
      AND u.suspended_at IS NULL AND ${tenantExists(sql`u.tenant_id`)} AND ${isStillIssuable(now)}`;
  const [user] = await db.read(
    statement<{ id: number; tenantId: number; kin: string | null }>(holder),
  );
  if (!user) throw refused();

  const hash = await inTurn((pause) => hashPassword(password, user.kin, pause));
  const changed = sql`(SELECT user_id FROM passwords WHERE user_id = ${user.id} AND change_id = ${change})`;
  const origin = { ...permit, tenantId: user.tenantId };
  const { applied, ending, withdrawn } = await db.batch({
    update: statement(sql`
      UPDATE passwords SET hash = ${hash}, first_set_at = coalesce(first_set_at, ${now}), reset_required = 0,
        set_by = ${credential.id}, change_id = ${change}
      WHERE user_id = (SELECT id FROM (${holder} AND ${fitsKin(hash)}))`),
    use: useReset(credential.id, now, changed),
    others: voidResets(changed),
    event: event(
      { ...origin, actor: { ...permit.actor, userId: user.id } },
      { action: permit.action, user: sql`user_id` },
      sql`FROM passwords WHERE user_id = ${changed}`,
    ),
    ending: selectEnding(now, sql`s.user_id = ${changed}`),
    ...withdrawSessions(origin, 'session', sql`s.user_id = ${changed}`),
    left: withdrawLeft(sql`s.user_id = ${changed}`),
    applied: statement(sql`SELECT 1 WHERE EXISTS ${changed}`),
  });
  // The token was used meanwhile, or another company had its first password under the address: look again.
  if (applied.length === 0) return setPassword(permit, raw, inTurn);
  publishEnds(call, ending, withdrawn);
}
