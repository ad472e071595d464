/** The lines of an import as SQL reads them, and what each would change. */
import { sql } from 'drizzle-orm';
import type { Complaint } from '../../base/faults.ts';
import { p, s, source, u } from '../../db/aliases.ts';
import { statement } from '../../db/connect.ts';
import { DAILY, quotaComplaint } from '../../db/quota.ts';
import { resolveDevices } from '../entities/device.ts';
import { isAtHand, type PermissionKind, runsOn } from '../entities/permission.ts';
import type { Permit } from '../permit.ts';
import { isLive } from '../sessions/live.ts';
import type { QuotaUsage } from '../usage/usage.ts';
import type { ImportLine } from './line.ts';

/** The field of a line with the devices of each kind. */
export const LISTS = { VIEW: 'devicePermissions', CHARGE: 'chargingPermissions' } as const;
const KINDS = Object.keys(LISTS) as PermissionKind[];

export interface Row {
  /** The position of the line in the slice. */
  n: number;
  /** The id for the user, if this line creates it. */
  id: number;
  line: ImportLine;
}

/** The lines and their grants, in the form that the statements read. */
export function linesAsSql({ tenantId, now }: Permit<'user.import'>, rows: Row[]) {
  const lines = JSON.stringify(
    rows.map(({ n, id, line }) => ({ n, i: id, e: line.externalId, s: line.suspended ?? null })),
  );
  const items = JSON.stringify(
    rows.flatMap(({ n, line }) =>
      KINDS.flatMap((k) =>
        line[LISTS[k]].map(({ deviceId, meterId, expiresAt }, at) => ({
          ...{ n, at, d: deviceId, m: meterId, k },
          ...(expiresAt === undefined ? { keep: 1 } : { x: expiresAt }),
          ...(isAtHand(expiresAt, now) ? { h: 1 } : {}),
        })),
      ),
    ),
  );
  const named = resolveDevices(tenantId, sql`${items}`);
  return {
    lines,
    named,
    sound: sql`
      j.value->>'n' NOT IN (SELECT r.value->>'n' FROM (${named}) r WHERE r.dev IS NULL)`,
    /** The lines joined with their users, for users that exist. */
    theirs: sql`
      FROM json_each(${lines}) j CROSS JOIN ${source(u)}
        ON ${u.tenantId} = ${tenantId} AND ${u.externalId} = j.value->>'e'`,
    /**
     * For a WITH clause. Materialized, since SQLite would otherwise read the lines again for each
     * permission.
     */
    wanted: sql`r AS MATERIALIZED (
      SELECT item, value->>'n' AS n, value->>'k' AS permission, value->>'x' AS ends,
        coalesce(value->>'keep', 0) AS keep, coalesce(value->>'h', 0) AS at_hand, dev
      FROM (${named}))`,
  };
}

export type LinesAsSql = ReturnType<typeof linesAsSql>;

/** What a line would change. Lines that would change nothing have none. */
export interface Effect {
  n: number;
  creates: 0 | 1;
  /**
   * The line grows something: it does more than suspend its user or shorten permissions, or it
   * could be repeated without end.
   */
  grows: 0 | 1;
  /** Live sessions of its user, whose copies must be updated. */
  sessions: number;
  /** The number of new grants, and of events. */
  grants: number;
  events: number;
  /** It names a device that the tenant does not have. Nothing of the line is done. */
  faulty: 0 | 1;
}

/** Whether the permission `p` is the one that row `r` names, for the user of line `w`. */
export const isNamed = sql`
  ${p.userId} = w.id AND ${p.deviceId} = r.dev AND ${p.permission} = r.permission`;

/** Whether the new end is earlier than that of the running permission `p`. */
const shortens = sql`(${p.userId} IS NOT NULL AND r.ends IS NOT NULL
  AND (${p.expiresAt} IS NULL OR ${p.expiresAt} > r.ends))`;

/**
 * Selects the effects of the lines. Suspending is no growth, since it cannot be repeated without
 * restoring, which is growth. Other lines only end something if all their new ends are imminent and
 * one of the permissions would have run on. A line that gives a device two ends is growth: it may
 * change nothing in the end, and could be repeated without limit.
 */
export const selectEffects = (
  { tenantId, now }: Permit<'user.import'>,
  { lines, wanted }: LinesAsSql,
) =>
  statement<Effect>(sql`
    WITH ${wanted},
      w AS MATERIALIZED (
        SELECT j.value->>'n' AS n, ${u.id} AS id, ${u.id} IS NULL AS creates,
          coalesce(j.value->>'s' = (${u.suspendedAt} IS NULL), 0) AS moved,
          coalesce(j.value->>'s', 0) AS suspends
        FROM json_each(${lines}) j LEFT JOIN ${source(u)}
          ON ${u.tenantId} = ${tenantId} AND ${u.externalId} = j.value->>'e'),
      g AS MATERIALIZED (
        SELECT r.n, count(DISTINCT iif(${p.userId} IS NULL, r.permission || r.dev, NULL)) AS grants,
          count(DISTINCT r.permission || coalesce(r.ends, '')) AS changes,
          max(r.dev IS NULL) AS faulty, max(NOT ${shortens}) AS grows,
          min(r.at_hand) AND max(${runsOn(now)}) AS ends
        FROM r JOIN w ON w.n = r.n LEFT JOIN ${source(p)} ON ${isNamed}
        WHERE ${p.userId} IS NULL OR ${p.expiresAt} <= ${now}
          OR (NOT r.keep AND ${p.expiresAt} IS NOT r.ends)
        GROUP BY r.n)
    SELECT w.n, w.creates, coalesce(g.grants, 0) AS grants,
      w.creates OR (w.moved AND NOT w.suspends) OR coalesce(g.grows, 0)
        OR NOT (w.moved OR (coalesce(g.ends, 0) AND w.n NOT IN (
          SELECT r.n FROM r WHERE NOT r.keep GROUP BY r.n, r.permission, r.dev
          HAVING count(DISTINCT coalesce(r.ends, '')) > 1)))
        AS grows,
      w.creates + w.moved + coalesce(g.changes, 0) AS events, coalesce(g.faulty, 0) AS faulty,
      (SELECT count(*) FROM ${source(s)} WHERE ${s.userId} = w.id AND ${isLive(now)}) AS sessions
    FROM w LEFT JOIN g ON g.n = w.n
    WHERE w.creates OR w.moved OR g.n IS NOT NULL ORDER BY w.n`);

/** Whether limits apply to a line. They never refuse a line that only ends something. */
export const isGrowth = ({ faulty, grows }: Effect): boolean => faulty === 0 && grows === 1;

/**
 * Checks the limits line by line, in order. Returns the refused lines, and whether the events of
 * the day are too few for everything.
 */
export function applyQuotas(
  effects: Effect[],
  { limits, usage }: QuotaUsage,
): { refused: Map<number, Complaint>; isTight: boolean } {
  const refused = new Map<number, Complaint>();
  const sound = effects.filter(({ faulty }) => !faulty);
  const eventsOf = (some: Effect[]) => some.reduce((sum, { events }) => sum + events, 0);
  const left = {
    users: limits.users - usage.users,
    grants: limits.grants - usage.grants,
    // Lines that no limit refuses are counted first.
    [DAILY]: limits[DAILY] - usage[DAILY] - eventsOf(sound.filter((one) => !isGrowth(one))),
  };
  const isTight = eventsOf(sound) > limits[DAILY] - usage[DAILY];
  const names = ['users', 'grants', DAILY] as const;
  for (const effect of effects.filter(isGrowth)) {
    const needs = { users: effect.creates, grants: effect.grants, [DAILY]: effect.events };
    const over = names.find((name) => needs[name] > 0 && needs[name] > left[name]);
    if (over) refused.set(effect.n, quotaComplaint(over, limits[over]));
    else for (const name of names) left[name] -= needs[name];
  }
  return { refused, isTight };
}
