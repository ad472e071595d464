/** Whether what an operation costs in D1 grows with the tenant. */
import type { Cost, Rows } from './isolate.ts';

export interface Measured extends Cost {
  name: string;
  /** Each with how SQLite goes about it, step by step. */
  statements: Record<string, Rows & { plan: string[] }>;
  /** Steps that read a whole table, or a whole index. */
  scans: string[];
}

/**
 * Statements that read more by nature, where staff and stations are more: of which operation, and
 * why.
 */
export const GROWING: { operation: RegExp; statement: RegExp; why: string }[] = [
  {
    operation: /^GET \/(user|project), level 1$/,
    statement: /^\s*SELECT count\(\*\) AS total/,
    why: 'tells how many there are',
  },
  {
    operation: /^GET \/user, level 1$/,
    statement: /json_group_array\(json_array\(id, stationId/,
    why: 'is a page of members, each with all the stations that they happen to have',
  },
  {
    operation: /^GET \/station\/:id\/alarm-recipients/,
    statement: /"member_level" = 1/,
    why: 'names every member of level 1',
  },
  {
    operation: /^GET \/config-packet, level 1$/,
    statement: /^\s*SELECT "(pr|st|se|ch)"\./,
    why: 'is all that the company has in the field',
  },
  {
    operation: /^users by a prefix of e-mail address and name, past the addresses$/,
    statement: /lower\("u"\."name"\)\) >=/,
    why: 'passes over whom the addresses have given already, once in a list',
  },
];

/** The rows that an operation reads, but for what grows by nature. */
function rowsRead({ name, statements }: Measured): number {
  const excuses = GROWING.filter(({ operation }) => operation.test(name));
  return Object.entries(statements)
    .filter(([sql]) => !excuses.some(({ statement }) => statement.test(sql)))
    .reduce((sum, [, rows]) => sum + rows.rowsRead, 0);
}

/** By more than a tenth and some rows: not every user has as much as every other. */
export const isMore = (before: number, after: number): boolean => after > before * 1.1 + 5;

/** Whether an operation costs more in a larger tenant. */
export const grows = (before: Measured, after: Measured): boolean =>
  isMore(rowsRead(before), rowsRead(after)) ||
  isMore(before.rowsWritten, after.rowsWritten) ||
  after.trips + after.tripsBehind > before.trips + before.tripsBehind;
