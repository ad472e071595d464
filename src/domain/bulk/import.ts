/** Importing end users: many lines in one round trip, each of which takes effect whole or not at all. */
import { sql } from 'drizzle-orm';
import { type Complaint, Fault, Refusal, unauthenticated } from '../../base/faults.ts';
import { randomId } from '../../base/ids.ts';
import { parse } from '../../base/text.ts';
import { event } from '../../db/commit.ts';
import { type Database, statement } from '../../db/connect.ts';
import { type Meant, meantDevice, unknownDevice } from '../devices/device.ts';
import { modifiedBy } from '../permissions/grant.ts';
import { type PermissionKind, running } from '../permissions/permission.ts';
import type { Permit } from '../permit.ts';
import { withdrawSessions } from '../sessions/end.ts';
import { isLive } from '../sessions/live.ts';
import { publish, publishEnds, publishWithdrawn } from '../sessions/publish.ts';
import { idsIn, withdrawLive } from '../sessions/withdrawals.ts';
import { readShare } from '../usage/usage.ts';
import {
  type Effect,
  given,
  isGrowth,
  keepWithin,
  LISTS,
  type Row,
  selectEffects,
} from './given.ts';
import { importLine } from './line.ts';

/** What became of a line. `fault`: what stood in its way, though not in the way of other lines. */
export type Imported =
  | { externalId: string; outcome: 'created' | 'changed' | 'unchanged' }
  | { complaints: readonly Complaint[] }
  | { fault: Fault };

/** Others may use up what is left while a slice is decided about: it is decided about anew, so often at most. */
const ATTEMPTS = 3;

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
  const done = await importRows(permit, rows, raws.length, room);
  for (const [n, outcome] of done.outcomes) imported[n] = outcome;
  return { imported: imported.slice(0, done.end), copies: done.copies };
}

interface Bounds {
  /** The place of the first line that there is no room for. */
  end: number;
  copies: number;
}

/** How far `room` reaches, of `many` lines. */
function boundsOf(effects: Effect[], many: number, room: number): Bounds {
  let copies = 0;
  for (const { n, sessions } of effects) {
    if (copies + sessions > room) return { end: n, copies };
    copies += sessions;
  }
  return { end: many, copies };
}

/**
 * Where an attempt fails, the next one is at the lines that have no outcome: what is done is told as
 * done. Throws a Fault that nothing was done before; one behind the first part is told to each line
 * of the second.
 */
async function importRows(
  permit: Permit<'user.import'>,
  rows: Row[],
  many: number,
  room: number,
): Promise<Bounds & { outcomes: Map<number, Imported> }> {
  const { db, isolate } = permit.call;
  const outcomes = new Map<number, Imported>();
  let todo = rows;
  let bounds: Bounds | undefined;

  async function writePart(isEnding: 0 | 1, part: Row[]): Promise<void> {
    if (part.length === 0) return;
    const written = await write(permit, permit.endingIf(sql`${isEnding}`), part);
    for (const [n, outcome] of written) outcomes.set(n, outcome);
    todo = todo.filter(({ n }) => !outcomes.has(n));
  }

  for (let attempt = 1; ; attempt++) {
    let isBehind = attempt > 1;
    try {
      const [share, effects] = await Promise.all([
        readShare(permit),
        db.read(selectEffects(permit, given(permit, todo))),
      ]);
      const { refused, isTight } = keepWithin(effects, share);
      for (const [n, one] of refused) outcomes.set(n, { complaints: [one] });
      const sound = effects.filter(({ n, faulty }) => !faulty && !refused.has(n));
      bounds ??= boundsOf(sound, many, room);
      const { end } = bounds;
      todo = todo.filter(({ n }) => n < end && !refused.has(n));
      // What ends something goes by itself, and first, where not all can go.
      if (isTight || attempt > 1 || isolate.size.room !== 'plenty') {
        const growing = new Set(sound.filter(isGrowth).map(({ n }) => n));
        const ending = todo.filter(({ n }) => !growing.has(n));
        await writePart(1, ending);
        isBehind = true;
      }
      await writePart(0, todo);
      return { ...bounds, outcomes };
    } catch (problem) {
      const isRefusal = problem instanceof Refusal;
      if (isRefusal && attempt < ATTEMPTS) continue;
      if (!bounds || !(isRefusal || (problem instanceof Fault && isBehind))) throw problem;
      const outcome = isRefusal ? { complaints: problem.complaints } : { fault: problem };
      for (const { n } of todo) outcomes.set(n, outcome);
      return { ...bounds, outcomes };
    }
  }
}

async function write(
  permit: Permit<'user.import'>,
  db: Database,
  rows: Row[],
): Promise<Map<number, Imported>> {
  const { tenantId, now, change, call } = permit;
  const { lines, named, sound, theirs, wanted } = given(permit, rows);
  const userIds = sql`(SELECT u.id ${theirs})`;
  const toSuspend = sql`${theirs} WHERE j.value->>'s' = (u.suspended_at IS NULL) AND ${sound}`;
  const ends = sql`s.user_id IN (SELECT u.id ${theirs} WHERE j.value->>'s' = 1 AND ${sound})`;
  // The lines of one permit may go in two batches: their withdrawals have ids of their own.
  const origin = { tenantId, now, change: `${change}${rows[0]?.n ?? 0}-` };

  const { faults, found, suspension, ended, withdrawn, shortened, live } = await db.batch({
    faults: statement<Meant & { n: number; kind: PermissionKind; at: number }>(sql`
      SELECT r.value->>'n' AS n, r.value->>'k' AS kind, r.value->>'at' AS at, ${meantDevice(tenantId)} AS meant
      FROM (${named}) r WHERE r.dev IS NULL`),
    insertion: statement(sql`
      INSERT INTO users (id, tenant_id, external_id, created_at)
      SELECT j.value->>'i', t.id, j.value->>'e', ${now} FROM json_each(${lines}) j, tenants t
      WHERE t.id = ${tenantId} AND t.removed_at IS NULL AND ${sound}
      ON CONFLICT (tenant_id, external_id) DO NOTHING`),
    userEvents: event(
      permit,
      { action: 'user.add', user: sql`u.id` },
      sql`FROM json_each(${lines}) j CROSS JOIN users u ON u.id = j.value->>'i'`,
    ),
    suspension: statement<{ n: number }>(sql`SELECT j.value->>'n' AS n ${toSuspend}`),
    suspensionEvents: event(
      permit,
      {
        action: 'user.update',
        user: sql`u.id`,
        subject: sql`json_object('suspended', json(iif(j.value->>'s', 'true', 'false')), 'externalIdChanged', json('false'))`,
      },
      toSuspend,
    ),
    ...withdrawSessions(origin, 'session', ends),
    update: statement(sql`
      UPDATE users SET suspended_at = iif(suspended_at IS NULL, ${now}, NULL) WHERE id IN (SELECT u.id ${toSuspend})`),
    shortened: withdrawLive(
      origin,
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
    const unknown = complaints.get(n)?.map(({ kind, at, meant }) => {
      const list = LISTS[kind];
      const { deviceId, meterId } = line[list][at] ?? {};
      return unknownDevice([list, String(at)], { deviceId, meterId }, { meant });
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
