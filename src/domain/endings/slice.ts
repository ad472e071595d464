/** Ends marked sessions, one slice at a time. */
import { type SQL, sql } from 'drizzle-orm';
import { changeId } from '../../base/ids.ts';
import { em, en, s, source } from '../../db/aliases.ts';
import { event, type Origin } from '../../db/commit.ts';
import { remove, select, update } from '../../db/statements.ts';
import { jsonList } from '../../db/subjects.ts';
import { isSupport } from '../entities/support.ts';
import type { Call } from '../permit.ts';
import { withdrawSessions } from '../sessions/end.ts';
import { publishEnds } from '../sessions/publish.ts';
import { moveSweepCursor, readSweepCursor } from '../slices/sweep-cursors.ts';

/**
 * Sessions per slice. Updating their copies takes a good part of the 1,000 KV operations of an
 * invocation.
 */
const SLICE = 500;

/** The ids of the sessions that the ending `en` has to end: a compound query. */
const marked = (tenantId: number): SQL => sql`
  SELECT ${s.id} AS id FROM ${source(em)} CROSS JOIN ${source(s)} ON ${s.madeBy} = ${em.id}
  WHERE ${em.endingId} = ${en.id} AND ${em.kind} IN ('key', 'token')
    AND ${s.revokedAt} IS NULL AND +${s.tenantId} = ${tenantId}
  UNION ALL SELECT ${s.id} FROM ${source(em)}
  CROSS JOIN ${source(s)} ON ${s.userId} = CAST(${em.id} AS integer)
  WHERE ${em.endingId} = ${en.id} AND ${em.kind} IN ('member', 'holder')
    AND ${s.revokedAt} IS NULL AND ${s.createdAt} <= ${em.until} AND +${s.tenantId} = ${tenantId}
  UNION ALL SELECT ${s.id} FROM ${source(s)}
  CROSS JOIN ${source(em)} ON ${em.id} = CAST(${s.actorUserId} AS text)
  WHERE ${em.endingId} = ${en.id} AND ${s.tenantId} = ${tenantId} AND ${isSupport}
    AND ${s.revokedAt} IS NULL AND ${s.createdAt} <= ${em.until}`;

/**
 * Ends up to `most` sessions of the ending whose id `ending` gives, and removes the ending after
 * the last one.
 */
export function endMarkedSessions(origin: Origin, ending: SQL, most: number) {
  const { tenantId, now } = origin;
  const chosen = sql`${s.id} IN (
    SELECT j.value FROM ${source(en)}, json_each(${en.slice}) j WHERE ${en.id} = ${ending})`;
  const isLast = sql`${en.id} = ${ending} AND json_array_length(${en.slice}) < ${most}`;
  const { ended, withdrawn } = withdrawSessions(origin, 'key', chosen);
  return {
    // Chosen once for all following statements.
    mintedSlice: update(
      en,
      { slice: sql`(SELECT json_group_array(id) FROM (${marked(tenantId)} LIMIT ${most}))` },
      sql`WHERE ${en.id} = ${ending}`,
    ),
    mintedSessionEvents: event(
      origin,
      {
        action: 'session.removeAll',
        user: s.userId,
        subject: { sessionIds: jsonList(s.id) },
      },
      sql`FROM ${source(s)}
        WHERE ${chosen} AND ${s.revokedAt} IS NULL AND ${s.expiresAt} > ${now}
        GROUP BY ${s.userId}`,
    ),
    mintedSessions: ended,
    mintedWithdrawn: withdrawn,
    mintedMarks: remove(
      em,
      sql`WHERE ${em.endingId} = (SELECT ${en.id} FROM ${source(en)} WHERE ${isLast})`,
    ),
    mintedEnd: remove(en, sql`WHERE ${isLast}`),
  };
}

/**
 * Ends the next sessions of an ending. Returns whether more are left. Running it twice, or at the
 * same time, does no harm.
 */
export async function endMintedSlice(call: Call, id: string): Promise<boolean> {
  const { db, now } = call;
  const [ending] = await db.read(
    select(
      { tenantId: en.tenantId, actor: en.actor, requestId: en.requestId },
      sql`FROM ${source(en)} WHERE ${en.id} = ${id}`,
    ),
  );
  if (!ending) return false;
  const { tenantId, actor, requestId } = ending;
  const origin = { tenantId, requestId, now, change: changeId(now), actor: JSON.parse(actor) };
  const { mintedSessions, mintedWithdrawn, left } = await db.batch({
    ...endMarkedSessions(origin, sql`${id}`, SLICE),
    left: select({ id: en.id }, sql`FROM ${source(en)} WHERE ${en.id} = ${id}`),
  });
  publishEnds(call, mintedSessions, mintedWithdrawn);
  return left.length > 0;
}

const PART = 'endings';

/** A part of the sweep: a slice of the next ending. Each ending has its turn. */
export async function sweepEndings(call: Call): Promise<void> {
  const after = await readSweepCursor(call, PART);
  const next = (past: string) =>
    select(
      { id: en.id },
      sql`FROM ${source(en)} WHERE ${en.id} > ${past} ORDER BY ${en.id} LIMIT 1`,
    );
  const [following, first] = await Promise.all([call.db.read(next(after)), call.db.read(next(''))]);
  const [ending] = [...following, ...first];
  if (!ending) return;
  await endMintedSlice(call, ending.id);
  await call.db.batch({ cursor: moveSweepCursor(PART, ending.id) });
}
