/** Finds users: members in pages, one user by id. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { source, u } from '../../db/aliases.ts';
import { type OffsetPage, offsetPageInput, readOffsetPage } from '../../db/offset-page.ts';
import { callerUserId, levelOf } from '../callers/level.ts';
import { notFound, visibleStations } from '../callers/visibility.ts';
import type { Permit } from '../permit.ts';
import { hasId, type Member, selectMembers, toMember } from './member.ts';

/** Levels 1 and 2, and keys, read all users of the company. The others read only themselves. */
const readable = (permit: Permit<string>): SQL =>
  levelOf(permit) <= 2 ? sql`1` : sql`${u.id} = ${callerUserId(permit)}`;

export const listMembersInput = v.object(offsetPageInput);

/** Lists members, by id. */
export async function listMembers(
  permit: Permit<'member.list'>,
  raw: unknown,
): Promise<OffsetPage<Member>> {
  const page = parse(listMembersInput, raw);
  const fits = sql`${u.tenantId} = ${permit.tenantId}
    AND ${u.email} IS NOT NULL AND ${readable(permit)}`;
  const { rows, paging } = await readOffsetPage(
    permit.db,
    page,
    sql`FROM ${source(u)} WHERE ${fits}`,
    (bounds) => selectMembers(fits, visibleStations(permit), sql`ORDER BY ${u.id} ${bounds}`),
  );
  return { rows: rows.map(toMember), paging };
}

/** Reads a member or an end user. Throws NOT_FOUND if the caller does not see the user. */
export async function readMember(
  permit: Permit<'member.read' | 'member.readOwn'>,
  id: number,
): Promise<Member> {
  const fits = sql`${hasId(permit, id)} AND ${readable(permit)}`;
  const [row] = await permit.db.read(selectMembers(fits, visibleStations(permit)));
  if (!row) throw new Refusal(notFound('user'));
  return toMember(row);
}

/** Reads the calling member. */
export function readOwn(permit: Permit<'member.readOwn'>): Promise<Member> {
  return readMember(permit, callerUserId(permit) ?? 0);
}
