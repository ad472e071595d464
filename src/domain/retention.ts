/** Audit events that are older than they are to be kept. */
import { sql } from 'drizzle-orm';
import { timePrefix } from '../base/ids.ts';
import { statement } from '../db/connect.ts';
import type { Call } from './permit.ts';
import { DAY } from './sessions/slide.ts';
import { inTurns } from './turns.ts';

/** A part of the sweep. `keptDays` undefined: they are kept for ever. */
export async function sweepEvents(call: Call, keptDays: number | undefined): Promise<void> {
  if (keptDays === undefined) return;
  const end = timePrefix(call.now - keptDays * DAY);
  await inTurns(call, {
    isDue: (tenantId) =>
      sql`EXISTS (SELECT 1 FROM audit_events e WHERE e.tenant_id = ${tenantId} AND e.id < ${end})`,
    take: ({ tenantId }, share) => ({
      taken: statement(sql`
        DELETE FROM audit_events WHERE tenant_id = ${tenantId} AND id IN (
          SELECT id FROM audit_events WHERE tenant_id = ${tenantId} AND id < ${end} ORDER BY id LIMIT ${share})
        RETURNING 1`),
    }),
  });
}
