/** The outcomes of the lines of an import. */
import { type Complaint, type Fault, unauthenticated } from '../../base/faults.ts';
import { unknownDevice } from '../entities/device.ts';
import type { PermissionKind } from '../entities/permission.ts';
import { LISTS, type Row } from './plan.ts';

/** The outcome of a line. `fault`: an error that affected this line and not the others. */
export type Imported =
  | { externalId: string; outcome: 'created' | 'changed' | 'unchanged' }
  | { complaints: readonly Complaint[] }
  | { fault: Fault };

/** The rows that the statements of `writeLines` return. */
interface Written {
  faults: { n: number; kind: PermissionKind; at: number; meant: string | null }[];
  suspension: { n: number }[];
  found: { n: number; created: 0 | 1; granted: 0 | 1 }[];
}

/** The outcomes by the position of the line. Throws UNAUTHENTICATED if the tenant is removed. */
export function outcomesOf(
  rows: Row[],
  { faults, suspension, found }: Written,
): Map<number, Imported> {
  const outcomes = new Map<number, Imported>();
  const facts = new Map(found.map((fact) => [fact.n, fact]));
  const complaints = Map.groupBy(faults, ({ n }) => n);
  const suspended = new Set(suspension.map(({ n }) => n));
  for (const { n, line } of rows) {
    const unknown = complaints.get(n)?.map(({ kind, at, meant }) => {
      const list = LISTS[kind];
      const { deviceId, meterId } = line[list][at] ?? {};
      return unknownDevice([list, String(at)], { deviceId, meterId }, { meant });
    });
    const fact = facts.get(n);
    // Only a removed tenant accepts no users. Its key stays cached for some seconds.
    if (!unknown && !fact) throw unauthenticated(true);
    const changed = fact?.granted || suspended.has(n);
    const outcome = fact?.created ? 'created' : changed ? 'changed' : 'unchanged';
    outcomes.set(n, unknown ? { complaints: unknown } : { externalId: line.externalId, outcome });
  }
  return outcomes;
}
