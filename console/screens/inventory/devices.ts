/** What the operator reads of devices, and how devices are given to companies and taken back. */
import type { CompanyName } from '../../api/companies.ts';
import { graphql, mutate } from '../../api/graphql.ts';
import { cursorPage, PAGE_INFO, PAGE_SIZE, type Page } from '../../parts/pages.ts';

export interface Device {
  id: string;
  deviceId: string;
  meterId: string | null;
  /** Null: it is in stock. */
  intermediary: CompanyName | null;
}

export interface Filter {
  search: string;
  /** Null: both. */
  assigned: boolean | null;
}

/** A page of devices, by their ids. */
export async function readInventory(
  { search, assigned }: Filter,
  after: string | null,
  signal?: AbortSignal,
  first = PAGE_SIZE,
): Promise<Page<Device>> {
  const { inventory } = await graphql<{ inventory: Parameters<typeof cursorPage<Device>>[0] }>(
    `query ($search: String, $assigned: Boolean, $first: Int!, $after: String) {
      inventory(search: $search, assigned: $assigned, first: $first, after: $after) {
        nodes { id deviceId meterId intermediary { id name } } ${PAGE_INFO}
      }
    }`,
    { search: search || null, assigned, first, after },
    signal,
  );
  return cursorPage(inventory);
}

/** The most devices that one call takes. */
export const BATCH = 500;

export const inBatches = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / BATCH) }, (_, at) =>
    items.slice(at * BATCH, (at + 1) * BATCH),
  );

/**
 * Takes devices back into stock, each company's by themselves. Throws a Failure at the first no.
 */
export async function unassign(devices: readonly Device[]): Promise<void> {
  for (const [intermediaryId, all] of Map.groupBy(devices, (one) => one.intermediary?.id)) {
    if (intermediaryId === undefined) continue;
    for (const some of inBatches(all)) {
      const deviceIdentifiers = some.map(({ deviceId }) => ({ deviceId }));
      await mutate('removeDevices', '', { intermediaryId, deviceIdentifiers });
    }
  }
}

/** Gives devices to a company. */
export async function assign(
  companyId: string,
  devices: { deviceId: string; meterId?: string | undefined }[],
): Promise<void> {
  for (const some of inBatches(devices)) {
    await mutate('addDevices', '', { intermediaryId: companyId, devices: some });
  }
}
