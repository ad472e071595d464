/** The tenant as a fact. */
import { type SQL, sql } from 'drizzle-orm';
import type { Complaint } from '../base/faults.ts';

export interface Tenant {
  id: number;
  name: string;
}

/** Whether there is this tenant, not removed. */
export const tenantExists = (id: number): SQL =>
  sql`EXISTS (SELECT 1 FROM tenants WHERE id = ${id} AND removed_at IS NULL)`;

export const unknownTenant: Complaint = {
  code: 'NOT_FOUND',
  path: ['intermediaryId'],
  message: 'There is no such intermediary. Check the id.',
};
