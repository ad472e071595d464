/** The limits and the usage of a tenant, from the counters that triggers keep (`quotas`). */
import { sql } from 'drizzle-orm';
import { DAY } from '../../base/time.ts';
import { dq, q, source } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { DAILY } from '../../db/quota.ts';
import { type RowOf, select } from '../../db/statements.ts';
import type { Permit } from '../permit.ts';

/** Everything that is limited. The deployment’s defaults are in the table, under tenant 0. */
export const LIMITS = [
  'users',
  'members',
  'devices',
  'stations',
  'projects',
  'sensors',
  'channels',
  'assignments',
  'grants',
  'orders',
  'apiKeys',
  'liveSessions',
  'eventsPerDay',
] as const;
export type Limit = (typeof LIMITS)[number];
export type Figures = Record<Limit, number>;

export interface QuotaUsage {
  limits: Figures;
  usage: Figures;
}

/** By name: the usage, the limit, and the day (UTC) of the usage if it is counted per day. */
const figures = sql<string>`(
  SELECT json_group_object(${dq.name},
    json_array(coalesce(${q.used}, 0), coalesce(${q.most}, ${dq.most}), ${q.day}))
  FROM ${source(dq)}
  LEFT JOIN ${source(q)} ON ${q.tenantId} = j.value AND ${q.name} = ${dq.name}
  WHERE ${dq.tenantId} = 0)`;

const columns = { id: sql<number>`j.value`, figures };

const selectShares = (ids: string): Statement<RowOf<typeof columns>> =>
  select(columns, sql`FROM json_each(${ids}) j`);

function toShare({ figures }: { figures: string }, now: number): QuotaUsage {
  const all = JSON.parse(figures) as Record<
    Limit,
    [used: number, most: number, day: number | null]
  >;
  const figuresOf = (at: (name: Limit) => number) =>
    Object.fromEntries(LIMITS.map((name) => [name, at(name)])) as Figures;
  return {
    limits: figuresOf((name) => all[name][1]),
    usage: figuresOf((name) => {
      const [used, , day] = all[name];
      return name === DAILY && day !== Math.floor(now / DAY) ? 0 : used;
    }),
  };
}

/** The usage of the tenant with this id. A key may only ask about its own tenant. */
export async function quotaUsageOf(permit: Permit<'usage.read'>, id: number): Promise<QuotaUsage> {
  if (permit.caller.kind !== 'operator' && id !== permit.tenantId) {
    throw new Error('a tenant was given to another one');
  }
  const row = await permit.db.lookup(selectShares, id);
  if (!row) throw new Error('a list lost one of its items');
  return toShare(row, permit.now);
}

/** The tenant's usage as the primary has it, for a change that must stay within it. */
export async function readQuotaUsage({
  db,
  tenantId,
  now,
}: Permit<'user.import'>): Promise<QuotaUsage> {
  const row = await db.lookup(selectShares, tenantId);
  if (!row) throw new Error('a list lost one of its items');
  return toShare(row, now);
}
