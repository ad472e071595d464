/** How the deployment does, for the operator. */
import { sql } from 'drizzle-orm';
import { source, wh, wi } from '../../db/aliases.ts';
import { pendingUpTo } from '../../db/listeners.ts';
import { select } from '../../db/statements.ts';
import type { Permit } from '../permit.ts';

export interface System {
  /** The size of the database, and the largest that it can have. */
  databaseBytes: number;
  databaseBytesMost: number;
  /** Lists of copies that are yet to be rewritten. */
  toPublish: number;
  /** Events that wait for webhooks. */
  toDeliver: number;
}

/** So many of each are counted. */
export const MOST_TO_PUBLISH = 10_000;
export const MOST_WEBHOOKS = 1_000;
export const MOST_EVENTS_OF_EACH = 100;

/** All counts end somewhere, so that asking stays cheap when much waits. */
export async function readSystem({ db, call }: Permit<'system.read'>): Promise<System> {
  const [[publishing], [delivering]] = await Promise.all([
    db.read(
      select(
        { many: sql<number>`count(*)` },
        sql`FROM (
          SELECT 1 FROM ${source(wi)} WHERE ${wi.tenantId} > 0 LIMIT ${MOST_TO_PUBLISH})`,
      ),
    ),
    db.read(
      select(
        { many: sql<number>`coalesce(sum(r.pending), 0)` },
        sql`FROM (
          SELECT ${pendingUpTo(MOST_EVENTS_OF_EACH)} AS pending
          FROM ${source(wh)} INDEXED BY webhooks_enabled
          WHERE ${wh.id} > '' AND ${wh.dueAt} IS NOT NULL LIMIT ${MOST_WEBHOOKS}) r`,
      ),
    ),
  ]);
  const { size } = call.isolate;
  return {
    databaseBytes: size.bytes,
    databaseBytesMost: size.capacity,
    toPublish: publishing?.many ?? 0,
    toDeliver: delivering?.many ?? 0,
  };
}
