/** How much of the trail is kept: readers that come too late are told that they missed events. */
import { type SQL, sql } from 'drizzle-orm';
import { e, source, sw } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { sweeps } from '../../db/schema.ts';
import { assignments, excluded, insert, onConflict, select } from '../../db/statements.ts';

/** The row that says how far a tenant's events were taken away. */
const partOf = (tenantId: number): string => `events ${tenantId}`;

/** Stands in the batch that takes away a tenant's events, ahead of it: `some` are these. */
export const noteTaken = (tenantId: number, some: SQL): Statement =>
  insert(
    sweeps,
    { part: partOf(tenantId), cursor: sql`max(${e.number})` },
    sql`FROM ${source(e)} WHERE ${some} HAVING max(${e.number}) IS NOT NULL
      ${onConflict(sw.part)}
      DO UPDATE SET ${assignments(sweeps, { cursor: excluded(sw.cursor) })}`,
  );

/** Whether events of a tenant behind this number were taken away: a condition. */
export const isMissed = (tenantId: number, number: number): SQL =>
  sql`EXISTS (SELECT 1 FROM ${source(sw)}
    WHERE ${sw.part} = ${partOf(tenantId)} AND CAST(${sw.cursor} AS INTEGER) > ${number})`;

/** The number of the last event of a tenant that was taken away; no row: none was. */
export const selectTaken = (tenantId: number) =>
  select(
    { number: sql<number>`CAST(${sw.cursor} AS INTEGER)` },
    sql`FROM ${source(sw)} WHERE ${sw.part} = ${partOf(tenantId)}`,
  );
