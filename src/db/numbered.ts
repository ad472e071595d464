/** Paging by number, as the company API has it: for lists that people page through. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { described, integer } from '../base/fields.ts';

/** What is asked for. */
export const numberedPage = {
  page: v.optional(described(integer(1, 1_000_000), 'Which page, from 1 on.', 1), 1),
  per_page: v.optional(
    described(integer(1, 1_000), 'How many on a page; 100 if left out.', 100),
    100,
  ),
};

interface Asked {
  page: number;
  per_page: number;
}

export interface Numbered<Row> {
  rows: Row[];
  paging: Paging;
}

export interface Paging extends Asked {
  total: number;
  pages: number;
}

export const offsetOf = ({ page, per_page }: Asked): SQL =>
  sql`LIMIT ${per_page} OFFSET ${(page - 1) * per_page}`;

export const pagingOf = ({ page, per_page }: Asked, total: number): Paging => ({
  page,
  per_page,
  total,
  pages: Math.ceil(total / per_page),
});
