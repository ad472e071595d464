/** What stands in the way of a change: looked at in the very batch that makes it, so that nothing falls in between. */
import { type SQL, sql } from 'drizzle-orm';
import type { Complaint } from '../base/faults.ts';

export interface Guard {
  /** When the change is refused: a condition over the row that it concerns. */
  when: SQL;
  complaint: Complaint;
}

const holds = ({ when }: Guard): SQL => sql`coalesce(${when}, 0)`;

/** Whether no guard stands in the way. */
export const clear = (guards: Guard[]): SQL =>
  guards.length === 0 ? sql`1` : sql`NOT (${sql.join(guards.map(holds), sql` OR `)})`;

/** Which guards do, as a JSON list for `complaintsOf`. */
export const verdictOf = (guards: Guard[]): SQL =>
  sql`json_array(${sql.join(guards.map(holds), sql`, `)})`;

export function complaintsOf(guards: Guard[], verdict: string): Complaint[] {
  const holding = JSON.parse(verdict) as (0 | 1)[];
  return guards.filter((_, at) => holding[at]).map(({ complaint }) => complaint);
}
