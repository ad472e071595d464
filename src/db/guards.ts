/**
 * Guards of a change. They run in the batch of the change, so that nothing can happen in between.
 */
import { type SQL, sql } from 'drizzle-orm';
import type { Complaint } from '../base/faults.ts';
import type { Statement } from './connect.ts';
import { select } from './statements.ts';

export interface Guard {
  /** When to refuse the change: a condition over its row. */
  when: SQL;
  complaint: Complaint;
}

const holds = ({ when }: Guard): SQL => sql`coalesce(${when}, 0)`;

/** The condition that no guard refuses. */
export const passes = (guards: Guard[]): SQL =>
  guards.length === 0 ? sql`1` : sql`NOT (${sql.join(guards.map(holds), sql` OR `)})`;

/**
 * Selects the verdicts of the guards on the row that `from`, a FROM clause, picks. Returns one row
 * for `complaintsOf`, or none.
 */
export const selectVerdicts = (guards: Guard[], from: SQL): Statement<{ verdict: string }> =>
  select({ verdict: sql<string>`json_array(${sql.join(guards.map(holds), sql`, `)})` }, from);

/** The complaints from the verdicts. */
export function complaintsOf(guards: Guard[], [judged]: { verdict: string }[]): Complaint[] {
  const holding = JSON.parse(judged?.verdict ?? '[]') as (0 | 1)[];
  return guards.filter((_, at) => holding[at]).map(({ complaint }) => complaint);
}
