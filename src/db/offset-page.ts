/** Offset pages, for the company API: page and size. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { described, integer, schemaFacts } from '../base/fields.ts';
import { text } from '../base/text.ts';
import { type Database, type Statement, statement } from './connect.ts';

/** The query parameters of a page. */
export const offsetPageInput = {
  page: v.optional(described(integer(1, 1_000_000), 'The page, from 1.', 1), 1),
  per_page: v.optional(described(integer(1, 100), 'How many per page. Left out: 100.', 100), 100),
};

/** A query parameter that narrows a list down, if it is given. */
export const searchField = (most: number, description: string) =>
  v.optional(
    described(
      v.pipe(text(most), schemaFacts<string>({ type: 'string', maxLength: most })),
      `${description} Empty: all.`,
      'an',
    ),
  );

interface OffsetPageInput {
  page: number;
  per_page: number;
}

export interface OffsetPage<Row> {
  rows: Row[];
  paging: OffsetPaging;
}

export interface OffsetPaging extends OffsetPageInput {
  total: number;
  pages: number;
}

/** Reads one page of the rows of `from`, a FROM clause. `select` adds the order and the bounds. */
export async function readOffsetPage<Row>(
  db: Database,
  asked: OffsetPageInput,
  from: SQL,
  select: (bounds: SQL) => Statement<Row>,
): Promise<OffsetPage<Row>> {
  const { page, per_page } = asked;
  const [rows, [count]] = await Promise.all([
    db.read(select(sql`LIMIT ${per_page} OFFSET ${(page - 1) * per_page}`)),
    db.read(statement<{ total: number }>(sql`SELECT count(*) AS total ${from}`)),
  ]);
  const total = count?.total ?? 0;
  return { rows, paging: { page, per_page, total, pages: Math.ceil(total / per_page) } };
}
