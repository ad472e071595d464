/** Sets a password with a reset token. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { adviceOnToken, bareToken } from '../../base/credential-advice.ts';
import { refuse } from '../../base/faults.ts';
import { described, string } from '../../base/fields.ts';
import { parseAll } from '../../base/parse-all.ts';
import { hashPassword } from '../../base/passwords.ts';
import type { InTurn } from '../../base/wait-queue.ts';
import { pw, rt, s, source, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { passwords } from '../../db/schema.ts';
import {
  assignments,
  excluded,
  insert,
  onConflict,
  select,
  unqualified,
} from '../../db/statements.ts';
import { inBoth } from '../callers/cap.ts';
import { hasPasskey } from '../entities/factor.ts';
import { tenantExists } from '../entities/tenant.ts';
import { passwordSet } from '../mail/letters.ts';
import { recipientsIn, tell } from '../mail/recipient.ts';
import { voidPasskeys } from '../passkeys/void.ts';
import { commonness, EXAMPLE, newPassword, readCommon } from '../passwords/password.ts';
import { useReset, voidResets } from '../passwords/void.ts';
import type { Permit } from '../permit.ts';
import { withdrawAll } from '../sessions/end.ts';
import { endSupportBy, publishSupportEnds } from '../sessions/end-support.ts';
import { publishEnds } from '../sessions/publish.ts';
import { firstHashOfAddress, hasSaltOfAddress } from './address-salt.ts';
import { isAsked, isStillIssuable } from './resets.ts';

export const setPasswordInput = v.object({
  reset_token: described(
    string(1, 200),
    'The token from `POST /user/<id>/password-reset`. It works once, until it expires.',
    'lk_rst_…',
  ),
  password: described(
    newPassword,
    'The new password: 12 to 128 characters, not one of the most common.',
    EXAMPLE,
  ),
});

const refused = (advice = '') =>
  refuse(
    'INVALID',
    ['reset_token'],
    advice || 'This reset token does not work, or works no longer. Ask for a new one.',
  );

/**
 * Whether the token `rt` takes away passkeys that were added behind a password within bounds: they
 * would be without them now. Not for who only reads the mails of a user, or is within bounds too.
 */
const isTrusted = sql`(NOT ${isAsked} AND ${rt.cap} IS NULL)`;

/** The cap of the new password: as long as there are passkeys, within that of the old one. */
const capOfNew = sql<string | null>`coalesce((
  SELECT ${inBoth(pw.cap, sql`coalesce(${rt.cap}, ${pw.cap})`)} FROM ${source(pw)}
  WHERE ${pw.userId} = ${u.id} AND ${pw.cap} IS NOT NULL AND ${hasPasskey(u.id)}), ${rt.cap})`;

/**
 * Sets the password and ends all sessions of the user, who has to sign in again, and the support
 * sessions that the user opened. Throws INVALID for
 * a token that is not valid or no longer valid, and for a password that is too common.
 */
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
  const credential = await call.issuer.verifyCached(token, now);
  if (credential?.kind !== 'rst') throw refused(adviceOnToken(token, 'rst'));
  const holder = sql`FROM ${source(rt)} JOIN ${source(u)} ON ${u.id} = ${rt.userId}
    WHERE ${rt.id} = ${credential.id} AND ${rt.endsAt} > ${now}
      AND ${rt.hash} IN (${credential.hash}, ${credential.formerHash})
      AND ${u.suspendedAt} IS NULL AND ${tenantExists(u.tenantId)}
      AND ${isStillIssuable(now)}`;
  const [user] = await db.read(
    select({ id: u.id, tenantId: u.tenantId, kin: firstHashOfAddress }, holder),
  );
  if (!user) throw refused();

  const hash = await inTurn((pause) => hashPassword(password, user.kin, pause));
  const isChanged = sql`FROM ${source(pw)}
    WHERE ${pw.userId} = ${user.id} AND ${pw.changeId} = ${change}`;
  const changed = sql`(SELECT ${pw.userId} ${isChanged})`;
  const origin = { ...permit, tenantId: user.tenantId };
  const bounded = sql`(SELECT ${u.id} ${holder} AND ${isTrusted} AND EXISTS (
    SELECT 1 FROM ${source(pw)} WHERE ${pw.userId} = ${u.id} AND ${pw.cap} IS NOT NULL))`;
  const { applied, ending, withdrawn, recipients, ...support } = await db.batch({
    ...voidPasskeys(bounded),
    setting: insert(
      passwords,
      {
        ...{ userId: u.id, hash, firstSetAt: now, resetRequired: 0 },
        ...{ setBy: credential.id, cap: capOfNew, changeId: change },
      },
      sql`${holder} AND ${hasSaltOfAddress(hash)}
        ${onConflict(pw.userId)} DO UPDATE SET ${assignments(pw, {
          ...{ hash: excluded(pw.hash), resetRequired: 0, setBy: excluded(pw.setBy) },
          firstSetAt: sql`coalesce(${unqualified(pw.firstSetAt)}, ${excluded(pw.firstSetAt)})`,
          ...{ cap: excluded(pw.cap), changeId: excluded(pw.changeId) },
        })}`,
    ),
    use: useReset(credential.id, now, changed),
    others: voidResets(changed),
    event: event(
      { ...origin, actor: { ...permit.actor, userId: user.id } },
      { action: permit.action, user: sql`${pw.userId}` },
      isChanged,
    ),
    ...withdrawAll(origin, sql`${s.userId} = ${changed}`),
    ...endSupportBy(origin, changed),
    applied: select({ id: pw.userId }, isChanged),
    ...recipientsIn(call, changed),
  });
  // The token was used meanwhile, or another company got its first password under the address.
  // Start again.
  if (applied.length === 0) return setPassword(permit, raw, inTurn);
  publishEnds(call, ending, withdrawn);
  publishSupportEnds(call, support);
  tell(call, passwordSet, recipients);
}
