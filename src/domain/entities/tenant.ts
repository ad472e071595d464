/** The tenant as a fact. */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Complaint } from '../../base/faults.ts';
import { source, t } from '../../db/aliases.ts';

/** No tenant has this id: what is looked up under it is not found. */
export const NO_TENANT = 0;

export interface Tenant {
  id: number;
  name: string;
  /** Of a removed one. */
  removal?: Removal | null;
}

/** What a removed tenant had goes in slices. */
export interface Removal {
  removedAt: number;
  erasedUsers: number;
  /** When the last of it was gone; null until then. */
  erasedAt: number | null;
}

/** Whether there is the tenant with this id, not removed. */
export const tenantExists = (id: number | SQLWrapper): SQL =>
  sql`EXISTS (SELECT 1 FROM ${source(t)} WHERE ${t.id} = ${id} AND ${t.removedAt} IS NULL)`;

export const unknownTenant: Complaint = {
  code: 'NOT_FOUND',
  path: ['intermediaryId'],
  message: 'There is no such intermediary. Check the id.',
};
