/** The tenant. */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Complaint } from '../../base/faults.ts';
import { source, t } from '../../db/aliases.ts';

/** No tenant has this id, so a look-up with it finds nothing. */
export const NO_TENANT = 0;

export interface Tenant {
  id: number;
  name: string;
  /** For a removed tenant. */
  removal?: Removal | null;
}

/** The progress of a removal: data is erased in slices. */
export interface Removal {
  removedAt: number;
  erasedUsers: number;
  /** When everything was erased. Null until then. */
  erasedAt: number | null;
}

/** Whether the tenant with this id exists and is not removed. */
export const tenantExists = (id: number | SQLWrapper): SQL =>
  sql`EXISTS (SELECT 1 FROM ${source(t)} WHERE ${t.id} = ${id} AND ${t.removedAt} IS NULL)`;

export const unknownTenant: Complaint = {
  code: 'NOT_FOUND',
  path: ['intermediaryId'],
  message: 'There is no such intermediary. Check the id.',
};
