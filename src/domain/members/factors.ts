/** The second factors of other members: how many there are, and their end. */
import { sql } from 'drizzle-orm';
import { Refusal, refuseAny } from '../../base/faults.ts';
import { pk, source, u } from '../../db/aliases.ts';
import { event } from '../../db/commit.ts';
import { complaintsOf, passes, selectVerdicts } from '../../db/guards.ts';
import { select, update } from '../../db/statements.ts';
import { capAfter, capOf } from '../callers/cap.ts';
import { notFound } from '../callers/visibility.ts';
import { hasFactor, hasTotp } from '../entities/factor.ts';
import { idOfUser } from '../entities/user.ts';
import { eraseFactors } from '../factors/erase.ts';
import { codesLeft } from '../factors/own.ts';
import { factorsRemoved } from '../mail/letters.ts';
import { recipientsIn, tell } from '../mail/recipient.ts';
import type { Permit } from '../permit.ts';
import { hasId } from './member.ts';
import { guardsOfAccess } from './resets.ts';

const columns = {
  totp: sql<0 | 1>`${hasTotp(u.id)}`,
  passkeys: sql<number>`(SELECT count(*) FROM ${source(pk)} WHERE ${pk.userId} = ${u.id})`,
  codesLeft,
};

export interface FactorCounts {
  hasTotp: boolean;
  passkeys: number;
  recoveryCodesLeft: number;
}

/** How a user signs in besides the password. Throws NOT_FOUND. */
export async function readFactors(
  permit: Permit<'member.readFactors'>,
  id: number,
): Promise<FactorCounts> {
  const [row] = await permit.db.read(
    select(columns, sql`FROM ${source(u)} WHERE ${hasId(permit, id)}`),
  );
  if (!row) throw new Refusal(notFound('user'));
  return { hasTotp: row.totp === 1, passkeys: row.passkeys, recoveryCodesLeft: row.codesLeft };
}

/**
 * Removes all second factors of a member, and the recovery codes. The member is told by mail. From
 * then on less is needed to sign in as the member, so a caller within bounds passes them on.
 * Throws NOT_FOUND and FORBIDDEN as `issueReset` does.
 */
export async function removeFactors(
  permit: Permit<'member.removeFactors'>,
  id: number,
): Promise<void> {
  const { db, call } = permit;
  const picked = hasId(permit, id);
  const guards = guardsOfAccess(permit, 'Remove your second factors in the console.');
  const holder = sql`${picked} AND ${passes(guards)} AND ${hasFactor(u.id)}`;
  const { verdicts, recipients } = await db.batch({
    verdicts: selectVerdicts(guards, sql`FROM ${source(u)} WHERE ${picked}`),
    event: event(
      permit,
      { action: permit.action, user: sql`${u.id}` },
      sql`FROM ${source(u)} WHERE ${holder}`,
    ),
    ...recipientsIn(call, idOfUser(holder)),
    ...(capOf(permit) !== null && {
      bounding: update(u, { cap: capAfter(permit, sql`0`, sql`1`) }, sql`WHERE ${holder}`),
    }),
    ...eraseFactors(idOfUser(sql`${picked} AND ${passes(guards)}`)),
  });
  if (verdicts.length === 0) throw new Refusal(notFound('user'));
  refuseAny(complaintsOf(guards, verdicts));
  tell(call, factorsRemoved, recipients);
}
