/** What adding devices would do, for the operator. It changes nothing. */
import { sql } from 'drizzle-orm';
import { Refusal } from '../../base/faults.ts';
import { d, source } from '../../db/aliases.ts';
import { type RowOf, select } from '../../db/statements.ts';
import { deviceItems } from '../entities/device.ts';
import { tenantExists, unknownTenant } from '../entities/tenant.ts';
import type { Permit } from '../permit.ts';
import type { AddedDevices } from './add.ts';
import { type Conflict, conflictsOf, selectConflicts } from './assign.ts';
import { conflictComplaint, type DevicesToAdd, readDevices } from './given.ts';
import { selectSimilarIds, warningOf } from './similar-ids.ts';

/**
 * `ADDED`: nobody has heard of it. `ASSIGNED`: it comes from stock. `CHANGED`: it gets another
 * meter. `UNCHANGED`. `REFUSED`: it stands in the way of the whole list.
 */
export type Effect = 'ADDED' | 'ASSIGNED' | 'CHANGED' | 'UNCHANGED' | 'REFUSED';

export interface Preview {
  deviceId: string;
  /** The meter that it would have. */
  meterId: string | null;
  effect: Effect;
  /** Why it is refused. */
  message: string | null;
}

/** The list `j`, and what is known of its devices `d`. */
const columns = {
  ...{ deviceId: sql<string>`j.value->>'d'`, wanted: sql<string | null>`j.value->>'m'` },
  ...{ known: sql<string | null>`${d.deviceId}`, tenantId: d.tenantId, meterId: d.meterId },
};
type Row = RowOf<typeof columns>;

function effectOn({ known, tenantId, wanted, meterId }: Row, isForStock: boolean): Effect {
  if (known === null) return 'ADDED';
  if (tenantId === null && !isForStock) return 'ASSIGNED';
  return wanted !== null && wanted !== meterId ? 'CHANGED' : 'UNCHANGED';
}

function previewOf(row: Row, conflict: Conflict | undefined, isForStock: boolean): Preview {
  const { deviceId, wanted, meterId } = row;
  // The meter of a device that somebody else has stays theirs.
  if (conflict) {
    const { message } = conflictComplaint(conflict);
    return { deviceId, meterId: wanted, effect: 'REFUSED', message };
  }
  const effect = effectOn(row, isForStock);
  return { deviceId, meterId: wanted ?? meterId, effect, message: null };
}

/** Throws what `addDevices` would, but for conflicts, which it tells with their devices. */
export async function previewDevices(
  permit: Permit<'device.add'>,
  raw: DevicesToAdd,
): Promise<Partial<AddedDevices> & { preview: Preview[] }> {
  const { devices, isForStock } = readDevices(permit, raw);
  const { tenantId, db } = permit;
  const items = deviceItems(devices);
  const [[tenant], conflicts, rows, alike] = await Promise.all([
    db.read(select({ exists: sql<0 | 1>`${tenantExists(tenantId)}` }, sql``)),
    db.read(selectConflicts(conflictsOf(tenantId, items))),
    db.read(
      select(
        columns,
        sql`FROM json_each(${items}) j
          LEFT JOIN ${source(d)} ON ${d.deviceId} = j.value->>'d' ORDER BY j.key`,
      ),
    ),
    db.read(selectSimilarIds(items)),
  ]);
  if (!isForStock && !tenant?.exists) throw new Refusal(unknownTenant);
  const conflictAt = new Map(conflicts.map((conflict) => [conflict.item, conflict]));
  return {
    preview: rows.map((row, at) => previewOf(row, conflictAt.get(at), isForStock)),
    warnings: alike.map(warningOf),
  };
}
