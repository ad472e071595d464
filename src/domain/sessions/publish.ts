/** The one writer of copies: always from D1, never from what a copy said, so that no copy outlives its truth. */
import { sql } from 'drizzle-orm';
import { isUnavailable } from '../../base/faults.ts';
import { type Statement, statement } from '../../db/connect.ts';
import type { Call } from '../permit.ts';
import { isLive } from './live.ts';
import { remember } from './memory.ts';
import { type RecordRow, type SessionRecord, selectRecords, toRecord } from './record.ts';

/** KV refuses more than one write a second for a key: what was refused is tried again after this. */
const PAUSE_MS = 1_100;
const ATTEMPTS = 6;
/** Sessions published together: bounds what one request holds in memory and asks of KV at once. */
const SLICE = 50;

export const copyKey = (sessionId: string): string => `ses:${sessionId}`;

export const sameRecord = (
  one: SessionRecord | null | undefined,
  other: SessionRecord | null | undefined,
): boolean => JSON.stringify(one) === JSON.stringify(other);

type Records = Map<string, SessionRecord | null>;

/** What D1 says, if need be after a while: a copy that nobody corrects would be believed for a day. */
async function readPatiently<Row>(call: Call, statement: Statement<Row>): Promise<Row[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call.db.read(statement);
    } catch (fault) {
      if (!isUnavailable(fault) || attempt === ATTEMPTS) throw fault;
      await scheduler.wait(PAUSE_MS);
    }
  }
}

async function readTruth(call: Call, ids: string[]): Promise<Records> {
  const these = sql`s.id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  return truthOf(call, ids, await readPatiently(call, selectRecords(these, call.now)));
}

function truthOf(call: Call, ids: string[], rows: RecordRow[]): Records {
  const found = new Map(rows.map((row) => [row.id, row]));
  return new Map(ids.map((id) => [id, toRecord(found.get(id), call.now)]));
}

/** Whether KV took it. */
async function writeCopy(call: Call, id: string, record: SessionRecord | null): Promise<boolean> {
  // KV takes no lifetime under 60 s; expiry is judged from the record, this only collects garbage.
  const expirationTtl = record ? Math.max(60, Math.ceil((record.expiresAt - call.now) / 1000)) : 0;
  try {
    if (record) await call.kv.put(copyKey(id), JSON.stringify(record), { expirationTtl });
    else await call.kv.delete(copyKey(id));
    return true;
  } catch (error) {
    console.warn({ requestId: call.requestId, copy: copyKey(id), error });
    return false;
  }
}

/**
 * Writes copies and looks at D1 once more, until both agree: a revocation may fall in between. What KV refused is never
 * written again as it was, but as D1 has it then. One that KV refuses for good is left to its time.
 */
async function publishSlice(call: Call, ids: string[], first?: RecordRow[]): Promise<void> {
  let truth = first ? truthOf(call, ids, first) : await readTruth(call, ids);
  for (let round = 1; round <= ATTEMPTS && truth.size > 0; round++) {
    const refused = new Set<string>();
    await Promise.all(
      [...truth].map(async ([id, record]) => {
        remember(call, id, record);
        if (!(await writeCopy(call, id, record))) refused.add(id);
      }),
    );
    if (refused.size > 0) await scheduler.wait(PAUSE_MS);
    const again = await readTruth(call, [...truth.keys()]);
    truth = new Map(
      [...again].filter(([id, record]) => refused.has(id) || !sameRecord(record, truth.get(id))),
    );
  }
}

async function publishAll(call: Call, ids: string[], first?: RecordRow[]): Promise<void> {
  for (let start = 0; start < ids.length; start += SLICE) {
    await publishSlice(call, ids.slice(start, start + SLICE), first);
  }
}

/** Brings the copies of sessions to what D1 says, behind the answer. `first`: their rows, where already read. */
export function publish(call: Call, sessions: { id: string }[], first?: RecordRow[]): void {
  if (sessions.length === 0) return;
  call.defer(() =>
    publishAll(
      call,
      sessions.map(({ id }) => id),
      first,
    ),
  );
}

/** Takes away the copies of sessions that have ended, at once here and behind the answer in KV, whatever D1 does then. */
export function publishEnds(call: Call, sessions: { id: string }[]): void {
  for (const { id } of sessions) remember(call, id, null);
  publish(call, sessions, []);
}

/** The same for all live sessions of users, whose grants or names changed. */
export function publishUsers(call: Call, userIds: number[]): void {
  if (userIds.length === 0) return;
  call.defer(() => publishLive(call, sql`SELECT value FROM json_each(${JSON.stringify(userIds)})`));
}

/** The same for all who hold a permission on devices, whose ids changed. */
export function publishHolders(call: Call, deviceIds: string[]): void {
  if (deviceIds.length === 0) return;
  call.defer(() =>
    publishLive(
      call,
      sql`SELECT user_id FROM permissions WHERE device_id IN (SELECT value FROM json_each(${JSON.stringify(deviceIds)}))`,
    ),
  );
}

async function publishLive(call: Call, users: ReturnType<typeof sql>): Promise<void> {
  const live = await readPatiently(
    call,
    statement<{ id: string }>(
      sql`SELECT s.id FROM sessions s WHERE ${isLive(call.now)} AND s.user_id IN (${users})`,
    ),
  );
  await publishAll(
    call,
    live.map(({ id }) => id),
  );
}
