/** The tenant as a fact. */
import { type SQL, sql } from 'drizzle-orm';
import type { Complaint } from '../base/faults.ts';

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
export const tenantExists = (id: number | SQL): SQL =>
  sql`EXISTS (SELECT 1 FROM tenants WHERE id = ${id} AND removed_at IS NULL)`;

export const unknownTenant: Complaint = {
  code: 'NOT_FOUND',
  path: ['intermediaryId'],
  message: 'There is no such intermediary. Check the id.',
};
