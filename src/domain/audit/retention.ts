/** Deletes audit events past their retention. */
import { sql } from 'drizzle-orm';
import { DAY } from '../../base/time.ts';
import { aliased, e, ed, source, wh } from '../../db/aliases.ts';
import { firstNumber } from '../../db/events.ts';
import { isPending } from '../../db/listeners.ts';
import { auditEvents } from '../../db/schema.ts';
import { remove, update } from '../../db/statements.ts';
import type { Call } from '../permit.ts';
import { roundRobin } from '../slices/round-robin.ts';
import { noteTaken } from './kept.ts';

const old = aliased(auditEvents, 'old');

/** A part of the sweep. `keptDays`: how many days events are kept; undefined: forever. */
export async function sweepEvents(call: Call, keptDays: number | undefined): Promise<void> {
  if (keptDays === undefined) return;
  const until = call.now - keptDays * DAY;
  const end = firstNumber(until);
  await roundRobin(call, {
    isDue: (tenantId) => sql`EXISTS (
      SELECT 1 FROM ${source(e)} WHERE ${e.tenantId} = ${tenantId} AND ${e.number} < ${end})`,
    take({ tenantId }, share) {
      const some = sql`${e.number} IN (
        SELECT ${old.number} FROM ${source(old)}
        WHERE ${old.tenantId} = ${tenantId} AND ${old.number} < ${end}
        ORDER BY ${old.number} LIMIT ${share})`;
      return {
        noted: noteTaken(tenantId, some),
        missed: update(
          wh,
          { missedUntil: until },
          sql`WHERE ${wh.tenantId} = ${tenantId} AND ${isPending(sql`${e.number} < ${end}`)}`,
        ),
        devices: remove(
          ed,
          sql`WHERE (${ed.tenantId}, ${ed.deviceId}, ${ed.number}) IN (
            SELECT ${e.tenantId}, j.value, ${e.number}
            FROM ${source(e)}, json_each(${e.subject}, '$.deviceIds') j WHERE ${some})`,
        ),
        taken: remove(e, sql`WHERE ${some} RETURNING 1`),
      };
    },
  });
}
