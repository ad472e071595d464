/** Audit events that are older than they are to be kept. */
import { sql } from 'drizzle-orm';
import { statement } from '../db/connect.ts';
import { firstNumber } from '../db/events.ts';
import type { Call } from './permit.ts';
import { DAY } from './sessions/slide.ts';
import { inTurns } from './turns.ts';

/** A part of the sweep. `keptDays` undefined: they are kept for ever. */
export async function sweepEvents(call: Call, keptDays: number | undefined): Promise<void> {
  if (keptDays === undefined) return;
  const end = firstNumber(call.now - keptDays * DAY);
  await inTurns(call, {
    isDue: (tenantId) =>
      sql`EXISTS (SELECT 1 FROM audit_events e WHERE e.tenant_id = ${tenantId} AND e.number < ${end})`,
    take({ tenantId }, share) {
      const numbers = sql`
        SELECT number FROM audit_events WHERE tenant_id = ${tenantId} AND number < ${end} ORDER BY number LIMIT ${share}`;
      return {
        devices: statement(sql`
          DELETE FROM audit_event_devices WHERE (tenant_id, device_id, number) IN (
            SELECT e.tenant_id, j.value, e.number FROM audit_events e, json_each(e.subject, '$.deviceIds') j
            WHERE e.number IN (${numbers}))`),
        taken: statement(sql`DELETE FROM audit_events WHERE number IN (${numbers}) RETURNING 1`),
      };
    },
  });
}
