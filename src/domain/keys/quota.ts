/** Whether a tenant may have one more key. */
import { type SQL, sql } from 'drizzle-orm';
import { Refusal } from '../../base/faults.ts';
import { dq, k, q, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { quotaComplaint } from '../../db/quota.ts';
import { select } from '../../db/statements.ts';
import type { Permit } from '../permit.ts';
import { MAX_IN_GRACE } from './key.ts';

const most = sql<number>`coalesce(${q.most}, ${dq.most})`;

/** The counter and the limit of a tenant's keys, without those in their grace period. */
const quota = (tenantId: number): SQL => sql`
  FROM ${source(dq)}
  LEFT JOIN ${source(q)} ON ${q.tenantId} = ${tenantId} AND ${q.name} = ${dq.name}
  WHERE ${dq.tenantId} = 0 AND ${dq.name} = 'apiKeys'`;

/** Whether the tenant may have one more key. */
export const hasRoom = ({ tenantId }: Permit<string>): SQL =>
  sql`(SELECT coalesce(${q.used}, 0) < ${most} ${quota(tenantId)})`;

/** How many keys the tenant may have. */
export const selectMostKeys = ({ tenantId }: Permit<string>): Statement<{ most: number }> =>
  select({ most }, quota(tenantId));

/** The Refusal, with QUOTA, of a key beyond the limit from `selectMostKeys`. */
export const tooManyKeys = ([row]: { most: number }[]): Refusal =>
  new Refusal(quotaComplaint('apiKeys', row?.most ?? 0));

/** Whether one more of the tenant's keys may be in its grace period. */
export const hasRoomInGrace = ({ tenantId }: Permit<string>): SQL =>
  sql`(SELECT count(*) FROM ${source(k)} WHERE ${k.tenantId} = ${tenantId}
    AND ${k.removedAt} IS NULL AND ${k.graceEndsAt} IS NOT NULL) < ${MAX_IN_GRACE}`;
