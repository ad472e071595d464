/** Removing a user, as far as one's own level reaches. */
import { sql } from 'drizzle-orm';
import { Refusal, refuseAny } from '../../base/faults.ts';
import { clear, complaintsOf, type Guard, judge } from '../guards.ts';
import type { Permit } from '../permit.ts';
import { publishEnds } from '../sessions/publish.ts';
import { levelOf, seen, unknown } from '../stations/sight.ts';
import { removal } from '../users/remove.ts';
import { isLastHead, lastHead } from './heads.ts';
import { hasId, type Member, selectMembers, toMember, userAboveYou } from './member.ts';

/** The user as it was. */
export async function removeMember(permit: Permit<'member.remove'>, id: number): Promise<Member> {
  const picked = hasId(permit, id);
  const guards: Guard[] = [
    { when: sql`u.member_level < ${levelOf(permit)}`, complaint: userAboveYou },
    lastHead(permit, isLastHead, 'id'),
  ];
  const { verdicts, members, ended, withdrawn } = await permit.db.batch({
    verdicts: judge(guards, sql`FROM users u WHERE ${picked}`),
    members: selectMembers(picked, seen(permit)),
    ...removal(permit, sql`${picked} AND ${clear(guards)}`),
  });
  const [row] = members;
  if (!row) throw new Refusal(unknown('user'));
  refuseAny(complaintsOf(guards, verdicts));
  publishEnds(permit.call, ended, withdrawn);
  return toMember(row);
}
