/** Finds users: one by name, many in pages. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { parse, text } from '../../base/text.ts';
import { source, u } from '../../db/aliases.ts';
import { type Statement, statement } from '../../db/connect.ts';
import {
  badCursor,
  type CursorPage,
  type CursorPageInput,
  numberPart,
  openCursorPage,
  textPart,
} from '../../db/cursor-page.ts';
import { beginsWith } from '../../db/prefix.ts';
import { type RowOf, select } from '../../db/statements.ts';
import {
  isUser,
  selectUser,
  type User,
  type UserIdentifier,
  userColumns,
  userIdentifier,
} from '../entities/user.ts';
import type { Permit } from '../permit.ts';
import { addressBeginsWith, nameBeginsWith, nameKey } from './search.ts';

const input = v.object({ userIdentifier });

/** The user with this identifier. Null if there is none. */
export async function findUser(
  permit: Permit<'user.read'>,
  raw: { userIdentifier: UserIdentifier },
): Promise<User | null> {
  const identifier = parse(input, raw).userIdentifier;
  const [user] = await permit.db.read(selectUser(isUser(permit.tenantId, identifier)));
  return user ?? null;
}

const ownedColumns = { ...userColumns, tenantId: u.tenantId };

const onceById = (ids: string): Statement<RowOf<typeof ownedColumns>> =>
  select(
    ownedColumns,
    sql`FROM ${source(u)} WHERE ${u.id} IN (SELECT j.value FROM json_each(${ids}) j)`,
  );

const byId = (ids: string): Statement<RowOf<typeof ownedColumns>> =>
  statement(sql`${onceById(ids).sql} AND ${u.removedAt} IS NULL`);

/** For a nested field: the user with this id, if the tenant has it and it is not removed. */
export async function userById(permit: Permit<'user.read'>, id: number): Promise<User | null> {
  const user = await permit.db.lookup(byId, id);
  return user?.tenantId === permit.tenantId ? user : null;
}

/** The same, or what is left of a removed user: the id, and when it was created. */
export async function onceUserById(permit: Permit<'user.read'>, id: number): Promise<User | null> {
  const user = await permit.db.lookup(onceById, id);
  return user?.tenantId === permit.tenantId ? user : null;
}

export type UserKind = 'END_USER' | 'MEMBER';

const listInput = v.object({
  search: v.nullish(text(255)),
  kind: v.nullish(v.picklist(['END_USER', 'MEMBER'])),
});

/** `[list, key, id]`: the list of the row, its key in that list, its id. */
const cursor = v.tuple([v.picklist([0, 1, 2]), textPart, numberPart]);

const listedColumns = (list: 0 | 1 | 2, key: SQL) => ({
  ...userColumns,
  list: sql<0 | 1 | 2>`${list}`,
  key: sql<string>`${key}`,
});
type Listed = RowOf<ReturnType<typeof listedColumns>>;

/** The list that has none of a kind. */
const OTHER = { END_USER: 1, MEMBER: 0 } as const;

/** The condition for users of a kind, in the list of names. */
const ofKind = {
  END_USER: sql` AND ${u.externalId} IS NOT NULL`,
  MEMBER: sql` AND ${u.email} IS NOT NULL`,
};

/**
 * Lists end users by externalId, then members by e-mail address. With `search`: those whose
 * externalId, e-mail address or name begins with it, each once. E-mail addresses ignore case, names
 * ignore case and accents. `kind`: only these. Each list is a range of its own index, so a page
 * reads only the rows that it shows, however large the tenant is.
 */
export async function listUsers(
  permit: Permit<'user.list'>,
  page: CursorPageInput & {
    search?: string | null | undefined;
    kind?: UserKind | null | undefined;
  },
): Promise<CursorPage<User>> {
  const { tenantId } = permit;
  const { search: given, kind } = parse(listInput, page);
  const search = given ?? '';
  const list = ['users', tenantId, search, ...(kind ? [kind] : [])];
  const { limit, after, close } = openCursorPage(page, list, cursor);
  if (after?.[0] === 2 && search === '') throw badCursor();
  const byExternalId = beginsWith(sql`${u.externalId}`, search);
  const byEmail = addressBeginsWith(search);
  const byName = nameBeginsWith(search);
  const lists: [Listed['list'], SQL, SQL][] = [
    [0, sql`${u.externalId}`, byExternalId],
    [1, sql`${u.email}`, byEmail],
    [
      2,
      nameKey,
      sql`${byName}${kind ? ofKind[kind] : sql``}
        AND NOT coalesce(${byExternalId}, 0) AND NOT coalesce(${byEmail}, 0)`,
    ],
  ];
  const parts = lists
    .filter(([list]) => list !== (kind && OTHER[kind]))
    .filter(([list]) => (list < 2 || search !== '') && (!after || list >= after[0]))
    .map(([list, key, condition]) => {
      const past =
        after && after[0] === list ? sql`(${key}, ${u.id}) > (${after[1]}, ${after[2]})` : sql`1`;
      const found = select(
        listedColumns(list, key),
        sql`FROM ${source(u)} WHERE ${u.tenantId} = ${tenantId} AND ${condition} AND ${past}
          ORDER BY ${key}, ${u.id} LIMIT ${limit}`,
      );
      return sql`SELECT * FROM (${found.sql})`;
    });
  const found: Statement<Listed> = statement(
    sql`${sql.join(parts, sql` UNION ALL `)} LIMIT ${limit}`,
  );
  const rows = await permit.db.read(found);
  return close(rows, ({ list, key, id }) => [list, key, id]);
}
