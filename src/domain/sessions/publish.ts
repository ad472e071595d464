/**
 * The one writer of copies: always from D1, never from what a copy said, so that no copy outlives
 * its truth.
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
 * KV refuses more than one write a second for a key: what was refused is tried again after this.
 */
const PAUSE_MS = 1_100;
const ATTEMPTS = 6;

/** Whether two records say the same. */
export const sameRecord = (
  one: SessionRecord | null | undefined,
  other: SessionRecord | null | undefined,
): boolean => JSON.stringify(one) === JSON.stringify(other);

type Records = Map<string, SessionRecord | null>;

/**
 * What D1 says, if need be after a while: a copy that nobody corrects would be believed for a day.
 */
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

/** Whether this invocation may make so many more writes to KV; they count as made then. */
function claim({ budget }: Call, writes: number): boolean {
  if (budget.writes < writes) return false;
  budget.writes -= writes;
  return true;
}

/**
 * Writes copies and looks at D1 once more, until both agree: a revocation may fall in between. What
 * KV refused is never written again as it was, but as D1 has it then. `first`: their rows, where
 * already read. Gives the ids that are left: those that KV refuses for good, and those that this
 * invocation has no room for.
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
 * Brings the copies of sessions to what D1 says, behind the answer. `first`: their rows, where
 * already read. For what grants and renews: a copy that is left as it was gives no more than D1
 * does, and checks mend it.
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

/** Publishes what a row lists, and takes the row away. Whether all of it is done. */
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

/** Takes away rows whose work is done, and has others go on with what follows. */
export async function removeRows(call: Call, rows: Withdrawal[]): Promise<void> {
  const { following } = await patiently(() => call.db.batch(forget(rows)));
  await nudge(call, following.map(nudgeFor));
}

/** What has others look at a row. */
export const nudgeFor = ({ tenantId, id }: Withdrawal) =>
  ({ kind: 'withdrawal', tenantId, id }) as const;

/**
 * Publishes what the rows of a change list: as much as this invocation has room for; others are
 * nudged for the rest.
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

/** Takes away from copies what was withdrawn, behind the answer: `rows` are those of `withdraw`. */
export function publishWithdrawn(call: Call, rows: Withdrawal[], first?: RecordRow[]): void {
  if (rows.length > 0) call.defer(() => publishRows(call, rows, first));
}

/**
 * Takes away the copies of sessions that have ended, at once here and behind the answer in KV,
 * whatever D1 does then. `rows` list those that this very call ended.
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

/** Has the copies of all live sessions of users tell what was granted to them. */
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
