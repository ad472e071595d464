/** Finds users: members in pages, one user by id. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { Refusal } from '../../base/faults.ts';
import { described, id, schemaFacts } from '../../base/fields.ts';
import { parse } from '../../base/text.ts';
import { source, st, u, us } from '../../db/aliases.ts';
import {
  type OffsetPage,
  offsetPageInput,
  readOffsetPage,
  searchField,
} from '../../db/offset-page.ts';
import { callerUserId, levelOf } from '../callers/level.ts';
import { notFound, visibleStations } from '../callers/visibility.ts';
import type { Permit } from '../permit.ts';
import { addressBeginsWith, nameBeginsWith, nameKey } from '../users/search.ts';
import { hasId, type Member, selectMembers, toMember } from './member.ts';

/** Levels 1 and 2, and keys, read all users of the company. The others read only themselves. */
const readable = (permit: Permit<string>): SQL =>
  levelOf(permit) <= 2 ? sql`1` : sql`${u.id} = ${callerUserId(permit)}`;

const SORTS = ['id', 'name'] as const;

export const listMembersInput = v.object({
  ...offsetPageInput,
  search: searchField(255, 'Only members whose name or e-mail address begins with this.'),
  station_id: v.optional(described(id, 'Only members who are assigned this station.')),
  sort: v.optional(
    described(
      v.pipe(
        v.picklist(SORTS, `Must be one of ${SORTS.join(', ')}.`),
        schemaFacts<(typeof SORTS)[number]>({ type: 'string', enum: SORTS }),
      ),
      'The order of the list.',
    ),
    'id',
  ),
});

type ListMembersInput = v.InferOutput<typeof listMembersInput>;

/** The members of the tenant that the search finds. Each half is a range of an index. */
function found({ tenantId }: Permit<string>, search: string | undefined): SQL {
  if (search === undefined) return sql``;
  const members = (fits: SQL) =>
    sql`SELECT ${u.id} FROM ${source(u)} WHERE ${u.tenantId} = ${tenantId} AND ${fits}`;
  return sql` AND ${u.id} IN (
    ${members(addressBeginsWith(search))} UNION ${members(nameBeginsWith(search))})`;
}

/** Those who are assigned the station, if the caller sees it. */
function assigned(permit: Permit<string>, stationId: number | undefined): SQL {
  if (stationId === undefined) return sql``;
  return sql` AND ${u.id} IN (
    SELECT ${us.userId} FROM ${source(us)} JOIN ${source(st)} ON ${st.id} = ${us.stationId}
    WHERE ${us.stationId} = ${stationId} AND ${visibleStations(permit)})`;
}

const ORDERS = {
  id: sql`${u.id}`,
  name: sql`${nameKey}, ${u.id}`,
} satisfies Record<ListMembersInput['sort'], SQL>;

/** Lists members, by id or by name. */
export async function listMembers(
  permit: Permit<'member.list'>,
  raw: unknown,
): Promise<OffsetPage<Member>> {
  const { search, station_id: stationId, sort, ...page } = parse(listMembersInput, raw);
  const fits = sql`${u.tenantId} = ${permit.tenantId} AND ${u.email} IS NOT NULL
    AND ${readable(permit)}${found(permit, search)}${assigned(permit, stationId)}`;
  const { rows, paging } = await readOffsetPage(
    permit.db,
    page,
    sql`FROM ${source(u)} WHERE ${fits}`,
    (bounds) =>
      selectMembers(fits, visibleStations(permit), sql`ORDER BY ${ORDERS[sort]} ${bounds}`),
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
