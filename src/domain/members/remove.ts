/** Removes a user, if the caller's level allows it. */
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal, refuseAny } from '../../base/faults.ts';
import { described, flag } from '../../base/fields.ts';
import { parse } from '../../base/text.ts';
import { source, u } from '../../db/aliases.ts';
import { complaintsOf, type Guard, passes, selectVerdicts } from '../../db/guards.ts';
import { isAbove } from '../callers/superiors.ts';
import { notFound, visibleStations } from '../callers/visibility.ts';
import { endMinted, publishMintedEnds } from '../endings/end.ts';
import type { Permit } from '../permit.ts';
import { isLastAdministrator, lastAdministrator } from '../users/last-administrator.ts';
import { publishRemoval, removal } from '../users/remove.ts';
import { type Made, selectMade } from './made.ts';
import { hasId, type Member, notOneself, selectMembers, toMember, userAboveYou } from './member.ts';

/** The option to end more. */
export const ending = {
  end_minted: described(
    v.optional(flag),
    '1 also ends what the user made as a member, and what came of that: reset tokens, ' +
      'passwords that were set with them, sessions, API keys, webhooks and members (both ' +
      'disabled). A calling member ends nobody above their own level.',
    0,
  ),
};

export const removeMemberInput = v.object(ending);

/**
 * Removes a user. Returns the user as it was, and what the user made that goes on. Throws NOT_FOUND
 * for a user that the caller does not see, FORBIDDEN for a user above the caller or the last
 * administrator.
 */
export async function removeMember(
  permit: Permit<'member.remove'>,
  id: number,
  raw: unknown,
): Promise<{ member: Member; made: Made }> {
  const { end_minted: andMinted } = parse(removeMemberInput, raw);
  const picked = hasId(permit, id);
  const guards: Guard[] = [
    { when: isAbove(permit), complaint: userAboveYou },
    lastAdministrator(permit, isLastAdministrator, 'id'),
    ...(andMinted === 1 ? [notOneself(permit)] : []),
  ];
  const removable = sql`${picked} AND ${passes(guards)}`;
  const { verdicts, members, ...minted } = await permit.db.batch({
    verdicts: selectVerdicts(guards, sql`FROM ${source(u)} WHERE ${picked}`),
    members: selectMembers(picked, visibleStations(permit)),
    ...(andMinted === 1
      ? endMinted(permit, 'member', sql`${String(id)}`, sql`FROM ${source(u)} WHERE ${removable}`)
      : {}),
    ...removal(permit, removable),
    ...selectMade(permit, id),
  });
  const [row] = members;
  if (!row) throw new Refusal(notFound('user'));
  refuseAny(complaintsOf(guards, verdicts));
  publishRemoval(permit.call, minted);
  publishMintedEnds(permit.call, minted);
  return { member: toMember(row), made: minted };
}
