/**
 * What stands in the way of a change: looked at in the very batch that makes it, so that nothing
 * falls in between.
 */
import { type SQL, sql } from 'drizzle-orm';
import type { Complaint } from '../base/faults.ts';
import type { Statement } from './connect.ts';
import { select } from './statements.ts';

export interface Guard {
  /** When the change is refused: a condition over the row that it concerns. */
  when: SQL;
  complaint: Complaint;
}

const holds = ({ when }: Guard): SQL => sql`coalesce(${when}, 0)`;

/** Whether no guard stands in the way. */
export const clear = (guards: Guard[]): SQL =>
  guards.length === 0 ? sql`1` : sql`NOT (${sql.join(guards.map(holds), sql` OR `)})`;

/**
 * Which guards stand in the way of the row that `from`, a FROM clause, picks: one row for
 * `complaintsOf`, or none.
 */
export const judge = (guards: Guard[], from: SQL): Statement<{ verdict: string }> =>
  select({ verdict: sql<string>`json_array(${sql.join(guards.map(holds), sql`, `)})` }, from);

/** What the client is told, from what `judge` gave. */
export function complaintsOf(guards: Guard[], [judged]: { verdict: string }[]): Complaint[] {
  const holding = JSON.parse(judged?.verdict ?? '[]') as (0 | 1)[];
  return guards.filter((_, at) => holding[at]).map(({ complaint }) => complaint);
}
