/**
 * The only writer of copies. It always writes what D1 says, never what a copy said, so that no copy
 * outlives its session.
 */
import { sql } from 'drizzle-orm';
import { isUnavailable } from '../../base/faults.ts';
import { s, source } from '../../db/aliases.ts';
import { select } from '../../db/statements.ts';
import {
  type RecordRow,
  type SessionRecord,
  selectRecords,
  toRecord,
} from '../entities/session.ts';
import { nudge } from '../nudge.ts';
import type { Call } from '../permit.ts';
import { cacheRecord } from './cache.ts';
import { writeCopy } from './kv.ts';
import { isLive } from './live.ts';
import { firstOf, forget, idsIn, SESSIONS, type Withdrawal } from './withdrawals.ts';

/**
 * KV refuses more than one write per second and key. A refused write is tried again after this
 * time, in milliseconds.
 */
const PAUSE_MS = 1_100;
const ATTEMPTS = 6;

/** Whether two records are equal. */
export const sameRecord = (
  one: SessionRecord | null | undefined,
  other: SessionRecord | null | undefined,
): boolean => JSON.stringify(one) === JSON.stringify(other);

type Records = Map<string, SessionRecord | null>;

/** Reads from D1, with several attempts: a copy that is not corrected could be used for a day. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (fault) {
      if (!isUnavailable(fault) || attempt === ATTEMPTS) throw fault;
      await scheduler.wait(PAUSE_MS);
    }
  }
}

async function readFromD1(call: Call, ids: string[]): Promise<Records> {
  const these = sql`${s.id} IN (SELECT j.value FROM json_each(${JSON.stringify(ids)}) j)`;
  const rows = await patiently(() => call.db.read(selectRecords(these, call.now)));
  return recordsOf(call, ids, rows);
}

function recordsOf(call: Call, ids: string[], rows: RecordRow[]): Records {
  const found = new Map(rows.map((row) => [row.id, row]));
  return new Map(ids.map((id) => [id, toRecord(found.get(id), call.now)]));
}

/** Takes so many KV writes from the budget of this invocation. Returns whether it had them. */
function claim({ budget }: Call, writes: number): boolean {
  if (budget.writes < writes) return false;
  budget.writes -= writes;
  return true;
}

/**
 * Writes copies and reads D1 again, until both agree, since a revocation may happen in between.
 * What KV refused is written again as D1 has it then. `first`: their rows, if already read. Returns
 * the ids that are left: KV keeps refusing them, or the budget is used up.
 */
async function settle(call: Call, ids: string[], first?: RecordRow[]): Promise<string[]> {
  let truth = first ? recordsOf(call, ids, first) : await readFromD1(call, ids);
  for (let round = 1; round <= ATTEMPTS && truth.size > 0; round++) {
    if (!claim(call, truth.size)) break;
    const refused = new Set<string>();
    await Promise.all(
      [...truth].map(async ([id, record]) => {
        cacheRecord(call, id, record);
        if (!(await writeCopy(call, id, record))) refused.add(id);
      }),
    );
    if (refused.size > 0) await scheduler.wait(PAUSE_MS);
    const again = await readFromD1(call, [...truth.keys()]);
    truth = new Map(
      [...again].filter(([id, record]) => refused.has(id) || !sameRecord(record, truth.get(id))),
    );
  }
  return [...truth.keys()];
}

/**
 * Updates the copies of sessions after the response. `first`: their rows, if already read. For
 * grants and renewals: an outdated copy allows no more than D1 does, and token checks correct it.
 */
export function publish(call: Call, sessions: { id: string }[], first?: RecordRow[]): void {
  const ids = sessions.map(({ id }) => id);
  if (ids.length === 0) return;
  call.defer(async () => {
    for (let start = 0; start < ids.length; start += SESSIONS) {
      await settle(call, ids.slice(start, start + SESSIONS), first);
    }
  });
}

/** Publishes the sessions in a row and deletes the row. Returns whether everything is done. */
export async function publishRow(
  call: Call,
  row: Withdrawal,
  first?: RecordRow[],
): Promise<boolean> {
  const left = await settle(call, idsIn(row), first);
  if (left.length > 0) return false;
  await removeRows(call, [row]);
  return true;
}

/** Deletes finished rows, and sends nudges for those that follow them. */
export async function removeRows(call: Call, rows: Withdrawal[]): Promise<void> {
  const { following } = await patiently(() => call.db.batch(forget(rows)));
  await nudge(call, following.map(nudgeFor));
}

/** The nudge to work on a row. */
export const nudgeFor = ({ tenantId, id }: Withdrawal) =>
  ({ kind: 'withdrawal', tenantId, id }) as const;

/**
 * Publishes the sessions in the rows of a change, as far as the budget of this invocation reaches.
 * Sends nudges for the rest.
 */
export async function publishRows(
  call: Call,
  rows: Withdrawal[],
  first?: RecordRow[],
): Promise<void> {
  let { writes } = call.budget;
  const mine = rows.filter((row) => {
    writes -= idsIn(row).length;
    return writes >= 0;
  });
  await nudge(call, firstOf(rows).slice(mine.length).map(nudgeFor));
  for (const row of mine) {
    if (!(await publishRow(call, row, first))) await nudge(call, [nudgeFor(row)]);
  }
}

/** Updates copies after a withdrawal, after the response. `rows` are from `withdraw`. */
export function publishWithdrawn(call: Call, rows: Withdrawal[], first?: RecordRow[]): void {
  if (rows.length > 0) call.defer(() => publishRows(call, rows, first));
}

/**
 * Deletes the copies of ended sessions: at once in this isolate, and after the response in KV,
 * whatever D1 does then. `rows` list the sessions that this call ended.
 */
export function publishEnds(call: Call, sessions: { id: string }[], rows: Withdrawal[] = []): void {
  for (const { id } of sessions) cacheRecord(call, id, null);
  publishWithdrawn(call, rows, []);
  const listed = new Set(rows.flatMap(idsIn));
  publish(
    call,
    sessions.filter(({ id }) => !listed.has(id)),
    [],
  );
}

/** Updates the copies of all live sessions of users after a grant. */
export function publishUsers(call: Call, userIds: number[]): void {
  if (userIds.length === 0) return;
  call.defer(async () => {
    const live = select(
      { id: s.id },
      sql`FROM ${source(s)} WHERE ${isLive(call.now)}
        AND ${s.userId} IN (SELECT j.value FROM json_each(${JSON.stringify(userIds)}) j)`,
    );
    publish(call, await patiently(() => call.db.read(live)));
  });
}
