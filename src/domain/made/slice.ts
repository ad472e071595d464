/** The sessions that end with what made them, a slice at a time. */
import { type SQL, sql } from 'drizzle-orm';
import { changeId } from '../../base/ids.ts';
import { event, type Origin } from '../../db/commit.ts';
import { statement } from '../../db/connect.ts';
import { moveCursor, readCursor } from '../cursors.ts';
import type { Call } from '../permit.ts';
import { withdrawSessions } from '../sessions/end.ts';
import { publishEnds } from '../sessions/publish.ts';

/**
 * Sessions of one slice: their copies are a good part of the 1,000 KV operations of an invocation.
 */
const SLICE = 500;

/**
 * What ends up to `most` sessions of an ending, whose id `ending` gives, and closes it behind the
 * last of them.
 */
export function endSlice(origin: Origin, ending: SQL, most: number) {
  const { tenantId, now } = origin;
  const chosen = sql`s.id IN (
    SELECT j.value FROM endings g, json_each(g.slice) j WHERE g.id = ${ending})`;
  const { ended, withdrawn } = withdrawSessions(origin, 'key', chosen);
  return {
    // Chosen once, for what follows.
    mintedSlice: statement(sql`
      UPDATE endings SET slice = (SELECT json_group_array(id) FROM (
        SELECT s.id FROM ending_makers e CROSS JOIN sessions s ON s.made_by = e.id
        WHERE e.ending_id = endings.id AND e.kind IN ('key', 'token')
          AND s.revoked_at IS NULL AND +s.tenant_id = ${tenantId}
        UNION ALL SELECT s.id FROM ending_makers e
        CROSS JOIN sessions s ON s.user_id = CAST(e.id AS integer)
        WHERE e.ending_id = endings.id AND e.kind IN ('member', 'holder') AND s.revoked_at IS NULL
          AND s.created_at <= e.until AND +s.tenant_id = ${tenantId}
        LIMIT ${most}))
      WHERE id = ${ending}`),
    mintedSessionEvents: event(
      origin,
      {
        action: 'session.removeAll',
        user: sql`s.user_id`,
        subject: sql`json_object('sessionIds', json(json_group_array(s.id)))`,
      },
      sql`FROM sessions s WHERE ${chosen} AND s.revoked_at IS NULL AND s.expires_at > ${now}
        GROUP BY s.user_id`,
    ),
    mintedSessions: ended,
    mintedWithdrawn: withdrawn,
    mintedMarks: statement(sql`
      DELETE FROM ending_makers WHERE ending_id = (
        SELECT g.id FROM endings g WHERE g.id = ${ending} AND json_array_length(g.slice) < ${most})`),
    mintedEnd: statement(sql`
      DELETE FROM endings WHERE id = ${ending} AND json_array_length(slice) < ${most}`),
  };
}

/**
 * Ends the next sessions of an ending; gives whether more are left. Repeated, or at the same time,
 * it does no harm.
 */
export async function endMintedSlice(call: Call, id: string): Promise<boolean> {
  const { db, now } = call;
  const [ending] = await db.read(
    statement<{ tenantId: number; actor: string; requestId: string }>(sql`
      SELECT tenant_id AS tenantId, actor, request_id AS requestId FROM endings WHERE id = ${id}`),
  );
  if (!ending) return false;
  const { tenantId, actor, requestId } = ending;
  const origin = { tenantId, requestId, now, change: changeId(now), actor: JSON.parse(actor) };
  const { mintedSessions, mintedWithdrawn, left } = await db.batch({
    ...endSlice(origin, sql`${id}`, SLICE),
    left: statement(sql`SELECT 1 FROM endings WHERE id = ${id}`),
  });
  publishEnds(call, mintedSessions, mintedWithdrawn);
  return left.length > 0;
}

const PART = 'endings';

/** A part of the sweep: a slice of the next ending, so that each has its turn. */
export async function sweepEndings(call: Call): Promise<void> {
  const after = await readCursor(call, PART);
  const next = (past: SQL) =>
    statement<{ id: string }>(sql`SELECT id FROM endings WHERE ${past} ORDER BY id LIMIT 1`);
  const [following, first] = await Promise.all([
    call.db.read(next(sql`id > ${after}`)),
    call.db.read(next(sql`id > ''`)),
  ]);
  const [ending] = [...following, ...first];
  if (!ending) return;
  await endMintedSlice(call, ending.id);
  await call.db.batch({ cursor: moveCursor(PART, ending.id) });
}
