/** Importing end users: many lines in one round trip, each of which takes effect whole or not at all. */
import { sql } from 'drizzle-orm';
import { type Complaint, Refusal, unauthenticated } from '../../base/faults.ts';
import { randomId } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import { event } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { resolveDevices, unknownDevice } from '../devices/device.ts';
import { modifiedBy } from '../permissions/grant.ts';
import { type PermissionKind, running } from '../permissions/permission.ts';
import type { Permit } from '../permit.ts';
import { withdrawSessions } from '../sessions/end.ts';
import { isLive } from '../sessions/live.ts';
import { publish, publishEnds, publishWithdrawn } from '../sessions/publish.ts';
import { idsIn, withdrawLive } from '../sessions/withdrawals.ts';
import { type ImportLine, importLine } from './line.ts';

/** What became of a line. */
export type Imported =
  | { externalId: string; outcome: 'created' | 'changed' | 'unchanged' }
  | { complaints: readonly Complaint[] };

/** Where a line names the devices of each kind. */
const LISTS = { VIEW: 'devicePermissions', CHARGE: 'chargingPermissions' } as const;
const KINDS = Object.keys(LISTS) as PermissionKind[];

interface Row {
  /** The line's place in the slice. */
  n: number;
  /** Of the user, should this line create it. */
  id: number;
  line: ImportLine;
}

/**
 * What became of each of `raws`, values as JSON has them, none of which names a user twice. Sessions whose users a line
 * changes have their copies written behind the answer: `room` is for how many of them, and lines from the first one on
 * that there is no room for are left, without an answer. `copies` is how many there will be.
 */
export async function importUsers(
  permit: Permit<'user.import'>,
  raws: readonly unknown[],
  room: number,
): Promise<{ imported: Imported[]; copies: number }> {
  const schema = importLine(permit.now);
  const imported: Imported[] = [];
  const rows: Row[] = [];
  raws.forEach((raw, n) => {
    try {
      // A list counts as an object otherwise.
      const line = parse(schema, Array.isArray(raw) ? null : raw);
      rows.push({ n, id: randomId(), line });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      imported[n] = { complaints: refusal.complaints };
    }
  });
  if (rows.length === 0) return { imported, copies: 0 };
  const all = given(permit, rows);
  const held = await permit.call.db.read(selectHeld(permit.now, all));
  let copies = 0;
  const late = held.find(({ sessions }) => {
    copies += sessions;
    return copies > room;
  });
  const end = late?.n ?? raws.length;
  if (late) copies -= late.sessions;
  const timely = late ? rows.filter(({ n }) => n < end) : rows;
  if (timely.length > 0) {
    const outcomes = await write(permit, timely, late ? given(permit, timely) : all);
    for (const [n, outcome] of outcomes) imported[n] = outcome;
  }
  return { imported: imported.slice(0, end), copies };
}

/** The lines, and what they grant, as the statements read them. */
function given({ tenantId }: Permit<'user.import'>, rows: Row[]) {
  const lines = JSON.stringify(
    rows.map(({ n, id, line }) => ({ n, i: id, e: line.externalId, s: line.suspended ?? null })),
  );
  const items = JSON.stringify(
    rows.flatMap(({ n, line }) =>
      KINDS.flatMap((k) =>
        line[LISTS[k]].map(({ deviceId, meterId, expiresAt }, at) => ({
          ...{ n, at, d: deviceId, m: meterId, k },
          ...(expiresAt === undefined ? { keep: 1 } : { x: expiresAt }),
        })),
      ),
    ),
  );
  const named = resolveDevices(tenantId, sql`${items}`);
  return {
    lines,
    named,
    sound: sql`j.value->>'n' NOT IN (SELECT r.value->>'n' FROM (${named}) r WHERE r.dev IS NULL)`,
    /** The lines with their users, those who are there. */
    theirs: sql`FROM json_each(${lines}) j CROSS JOIN users u ON u.tenant_id = ${tenantId} AND u.external_id = j.value->>'e'`,
    /** As a part of a WITH; materialized, since SQLite would read the lines again for each permission. */
    wanted: sql`r AS MATERIALIZED (
      SELECT item, value->>'n' AS n, value->>'k' AS permission, value->>'x' AS ends, coalesce(value->>'keep', 0) AS keep, dev
      FROM (${named}))`,
  };
}

type Given = ReturnType<typeof given>;

/** The live sessions of users whom their lines will change, by line. */
const selectHeld = (now: number, { theirs, wanted }: Given) =>
  statement<{ n: number; sessions: number }>(sql`
    WITH ${wanted}, w AS MATERIALIZED (
      SELECT j.value->>'n' AS n, u.id, j.value->>'s' = (u.suspended_at IS NULL) AS moved ${theirs})
    SELECT w.n, (SELECT count(*) FROM sessions s WHERE s.user_id = w.id AND ${isLive(now)}) AS sessions
    FROM w
    WHERE w.moved OR EXISTS (
      SELECT 1 FROM r LEFT JOIN permissions p ON p.user_id = w.id AND p.device_id = r.dev AND p.permission = r.permission
      WHERE r.n = w.n AND (p.user_id IS NULL OR p.expires_at <= ${now} OR (NOT r.keep AND p.expires_at IS NOT r.ends)))
    ORDER BY w.n`);

async function write(
  permit: Permit<'user.import'>,
  rows: Row[],
  { lines, named, sound, theirs, wanted }: Given,
): Promise<Map<number, Imported>> {
  const { tenantId, now, change, db, call } = permit;
  const userIds = sql`(SELECT u.id ${theirs})`;
  const toSuspend = sql`${theirs} WHERE j.value->>'s' = (u.suspended_at IS NULL) AND ${sound}`;
  const ends = sql`s.user_id IN (SELECT u.id ${theirs} WHERE j.value->>'s' = 1 AND ${sound})`;

  const { faults, found, suspension, ended, withdrawn, shortened, live } = await db.batch({
    faults: statement<{ n: number; kind: PermissionKind; at: number }>(sql`
      SELECT r.value->>'n' AS n, r.value->>'k' AS kind, r.value->>'at' AS at FROM (${named}) r WHERE r.dev IS NULL`),
    insertion: statement(sql`
      INSERT INTO users (id, tenant_id, external_id, created_at)
      SELECT j.value->>'i', t.id, j.value->>'e', ${now} FROM json_each(${lines}) j, tenants t
      WHERE t.id = ${tenantId} AND t.removed_at IS NULL AND ${sound}
      ON CONFLICT (tenant_id, external_id) DO NOTHING`),
    userEvents: event(
      permit,
      { action: 'user.add', nth: sql`('u' || (j.value->>'n'))`, user: sql`u.id` },
      sql`FROM json_each(${lines}) j CROSS JOIN users u ON u.id = j.value->>'i'`,
    ),
    suspension: statement<{ n: number }>(sql`SELECT j.value->>'n' AS n ${toSuspend}`),
    suspensionEvents: event(
      permit,
      {
        action: 'user.update',
        nth: sql`('s' || (j.value->>'n'))`,
        user: sql`u.id`,
        subject: sql`json_object('suspended', json(iif(j.value->>'s', 'true', 'false')), 'externalIdChanged', json('false'))`,
      },
      toSuspend,
    ),
    ...withdrawSessions(permit, 'session', ends),
    update: statement(sql`
      UPDATE users SET suspended_at = iif(suspended_at IS NULL, ${now}, NULL) WHERE id IN (SELECT u.id ${toSuspend})`),
    shortened: withdrawLive(
      permit,
      'user',
      sql`WITH ${wanted}, w AS MATERIALIZED (SELECT j.value->>'n' AS n, u.id ${theirs} WHERE ${sound})
        SELECT w.id FROM r CROSS JOIN w ON w.n = r.n
          JOIN permissions p ON p.user_id = w.id AND p.device_id = r.dev AND p.permission = r.permission
        WHERE NOT r.keep AND ${running(now)} AND (p.expires_at IS NULL OR p.expires_at > r.ends)`,
    ),
    // Where a device is named twice, what says something of its end counts.
    grants: statement(sql`
      WITH ${wanted}, w AS MATERIALIZED (SELECT j.value->>'n' AS n, u.id ${theirs} WHERE ${sound})
      INSERT INTO permissions (user_id, device_id, permission, expires_at, change_id, tenant_id)
      SELECT w.id, r.dev, r.permission, r.ends, ${change}, ${tenantId} FROM r CROSS JOIN w ON w.n = r.n
      WHERE NOT (r.keep AND EXISTS (
        SELECT 1 FROM permissions p WHERE p.user_id = w.id AND p.device_id = r.dev AND p.permission = r.permission AND ${running(now)}))
      ORDER BY r.keep DESC, r.item
      ON CONFLICT (user_id, device_id, permission) DO UPDATE SET expires_at = excluded.expires_at, change_id = excluded.change_id
      WHERE permissions.expires_at <= ${now} OR permissions.expires_at IS NOT excluded.expires_at`),
    grantEvent: modifiedBy(permit, userIds).grantEvent,
    found: statement<{ n: number; created: 0 | 1; granted: 0 | 1 }>(sql`
      SELECT j.value->>'n' AS n, u.id = j.value->>'i' AS created,
        EXISTS (SELECT 1 FROM permissions p WHERE p.user_id = u.id AND p.change_id = ${change}) AS granted ${theirs}`),
    live: statement<{ id: string }>(sql`
      SELECT s.id FROM sessions s WHERE ${isLive(now)} AND s.user_id IN (
        SELECT p.user_id FROM permissions p WHERE p.user_id IN ${userIds} AND p.change_id = ${change})`),
  });

  const outcomes = new Map<number, Imported>();
  const facts = new Map(found.map((fact) => [fact.n, fact]));
  const complaints = Map.groupBy(faults, ({ n }) => n);
  const suspended = new Set(suspension.map(({ n }) => n));
  for (const { n, line } of rows) {
    const unknown = complaints.get(n)?.map(({ kind, at }) => {
      const list = LISTS[kind];
      const { deviceId, meterId } = line[list][at] ?? {};
      return unknownDevice([list, String(at)], { deviceId, meterId });
    });
    const fact = facts.get(n);
    // Only a removed tenant takes no users; its key is remembered for some seconds more.
    if (!unknown && !fact) throw unauthenticated(true);
    const changed = fact?.granted || suspended.has(n);
    const outcome = fact?.created ? 'created' : changed ? 'changed' : 'unchanged';
    outcomes.set(n, unknown ? { complaints: unknown } : { externalId: line.externalId, outcome });
  }
  publishEnds(call, ended, withdrawn);
  publishWithdrawn(call, shortened);
  const listed = new Set(shortened.flatMap(idsIn));
  publish(
    call,
    live.filter(({ id }) => !listed.has(id)),
  );
  return outcomes;
}
