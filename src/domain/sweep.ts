/**
 * The sweep, by a clock and by nobody: takes away what has ended, and mends copies that disagree with D1, such as those
 * whose writer died behind its answer. Each step is whole in itself, so that it may be killed at any moment.
 */
import { type SQL, sql } from 'drizzle-orm';
import { type Statement, statement } from '../db/connect.ts';
import { firstNumber } from '../db/events.ts';
import { sweepRemoved } from './erase.ts';
import { sweepKeys } from './keys/sweep.ts';
import { SLICE as MINTED_SLICE, sweepEndings } from './made/slice.ts';
import { sweepResets } from './members/sweep-resets.ts';
import type { Call } from './permit.ts';
import { copyKey, publish, sameRecord } from './sessions/publish.ts';
import { readRecord, selectRecords, toRecord } from './sessions/record.ts';
import { DAY } from './sessions/slide.ts';
import { recount } from './usage/recount.ts';

/** KV gives up to 100 values for one of the 1,000 operations that an invocation has. */
const SLICE = 100;
/** Slices of sessions in one sweep. */
const SLICES = 2;
/** Rows that one statement takes away. */
const ROWS = 500;
/** Tenants whose events one sweep looks at. */
const TENANTS = 100;
/** What has ended is kept so long, for whoever asks what happened. */
const KEPT_MS = 7 * DAY;

const cursorOf = (part: string): Statement<{ cursor: string }> =>
  statement<{ cursor: string }>(sql`SELECT cursor FROM sweeps WHERE part = ${part}`);

const moveTo = (part: string, cursor: string): Statement =>
  statement(sql`
    INSERT INTO sweeps (part, cursor) VALUES (${part}, ${cursor})
    ON CONFLICT (part) DO UPDATE SET cursor = excluded.cursor`);

/** The next slice of sessions, whether they live or not; false at the end, where the next sweep begins anew. */
async function sweepSessions(call: Call): Promise<boolean> {
  const { db, kv, now } = call;
  const [swept] = await db.read(cursorOf('sessions'));
  const slice = sql`SELECT id FROM sessions WHERE id > ${swept?.cursor ?? ''} ORDER BY id LIMIT ${SLICE}`;
  const rows = await db.read(selectRecords(sql`s.id IN (${slice})`, now));
  const ids = rows.map(({ id }) => id).sort();
  const copies = rows.length > 0 ? await kv.get<unknown>(ids.map(copyKey), 'json') : new Map();
  // A copy that is missing is made by the check that misses it.
  const wrong = rows.filter((row) => {
    const copy = copies.get(copyKey(row.id));
    const record = toRecord(row, now);
    return copy != null && (record === null || !sameRecord(readRecord(copy), record));
  });
  publish(call, wrong, rows);
  // Without its row nobody would find a copy: the next sweep takes the row, once its copy is right.
  const unsettled = new Set(wrong.map(({ id }) => id));
  const settled = ids.filter((id) => !unsettled.has(id));
  const isWhole = rows.length === SLICE;
  const old = now - KEPT_MS;
  await db.batch({
    removal: statement(sql`
      DELETE FROM sessions WHERE id IN (SELECT j.value FROM json_each(${JSON.stringify(settled)}) j)
        AND (revoked_at < ${old} OR expires_at < ${old})`),
    cursor: moveTo('sessions', isWhole ? (ids.at(-1) ?? '') : ''),
  });
  return isWhole;
}

/** Permissions that have ended by themselves. */
async function sweepGrants({ db, now }: Call): Promise<void> {
  await db.batch({
    removal: statement(sql`
      DELETE FROM permissions WHERE (user_id, device_id, permission) IN (
        SELECT user_id, device_id, permission FROM permissions WHERE expires_at < ${now - KEPT_MS} LIMIT ${ROWS})`),
  });
}

/** What removes the events whose numbers `numbers`, a query, gives. */
const removeEvents = (numbers: SQL) => ({
  devices: statement(sql`
    DELETE FROM audit_event_devices WHERE (tenant_id, device_id, number) IN (
      SELECT e.tenant_id, j.value, e.number FROM audit_events e, json_each(e.subject, '$.deviceIds') j
      WHERE e.number IN (${numbers}))`),
  removed: statement(sql`DELETE FROM audit_events WHERE number IN (${numbers}) RETURNING number`),
});

/** Events that are older than they are to be kept. */
async function sweepEvents({ db, now }: Call, keptDays: number): Promise<void> {
  const [swept] = await db.read(cursorOf('events'));
  const tenants = sql`SELECT id FROM tenants WHERE id > ${Number(swept?.cursor || 0)} ORDER BY id LIMIT ${TENANTS}`;
  const old = sql`
    SELECT e.number FROM (${tenants}) r JOIN audit_events e ON e.tenant_id = r.id AND e.number < ${firstNumber(now - keptDays * DAY)}
    LIMIT ${ROWS}`;
  const { removed, next } = await db.batch({
    next: statement<{ count: number; last: number | null }>(
      sql`SELECT count(*) AS count, max(id) AS last FROM (${tenants}) r`,
    ),
    ...removeEvents(old),
  });
  // Where there was more than a statement's worth, the same tenants are looked at again.
  if (removed.length === ROWS) return;
  const { count = 0, last = null } = next[0] ?? {};
  await db.batch({ cursor: moveTo('events', count === TENANTS ? String(last) : '') });
}

/** The sessions that an ending has left; gives how many copies that may have taken. */
async function sweepMinted(call: Call): Promise<number> {
  const [swept] = await call.db.read(cursorOf('endings'));
  const reached = await sweepEndings(call, swept?.cursor ?? '');
  if (reached === null) return 0;
  await call.db.batch({ cursor: moveTo('endings', reached) });
  return MINTED_SLICE;
}

/** Reset tokens of which nothing came, or nothing is left. */
async function sweepTokens(call: Call): Promise<void> {
  const [swept] = await call.db.read(cursorOf('resets'));
  const reached = await sweepResets(call, swept?.cursor ?? '');
  if (reached !== swept?.cursor) await call.db.batch({ cursor: moveTo('resets', reached) });
}

/** One sweep. `keptDays`: how long audit events are kept; undefined: for ever. */
export async function sweep(call: Call, keptDays: number | undefined): Promise<void> {
  await sweepRemoved(call, await sweepMinted(call));
  await sweepGrants(call);
  await sweepTokens(call);
  await sweepKeys(call);
  await recount(call);
  if (keptDays !== undefined) await sweepEvents(call, keptDays);
  for (let slice = 0; slice < SLICES; slice++) {
    if (!(await sweepSessions(call))) break;
  }
}
