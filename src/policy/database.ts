/**
 * The database that a Permit carries: what must hold for its batches, besides what they ask
 * themselves.
 */
import { type SQL, sql } from 'drizzle-orm';
import { randomText } from '../base/ids.ts';
import { dq, q, source } from '../db/aliases.ts';
import { type Database, type Frame, type Statement, statement } from '../db/connect.ts';
import { DAILY, NEARLY_FULL, nearlyFull } from '../db/quota.ts';
import { update } from '../db/statements.ts';
import { isStill, isWorking } from '../domain/callers/still.ts';
import type { Caller } from '../domain/credentials.ts';
import { NO_TENANT } from '../domain/entities/tenant.ts';
import type { Call } from '../domain/permit.ts';
import type { Rule } from './rules.ts';

/** A day’s events that are left for what mends access, once the others are used up. */
const FOR_MENDING = 10_000;
/** More events than one batch writes: with no more left, an ending says that it is one. */
const OF_A_BATCH = 10_000;

export interface Use {
  call: Call;
  caller: Caller;
  rule: Rule;
  tenantId: number;
}

/**
 * What takes a key or a level takes it to the end, so that nothing is made behind the end of who
 * makes it. `ending`: where it holds as a batch begins, the batch ends something.
 */
export function databaseFor(use: Use, ending?: SQL): Database {
  const { call, caller, rule } = use;
  if (rule.near) return call.db.near();
  const db = databaseOf(call, caller, rule);
  return rule.writes ? db.framed(() => frameOf(use, ending)) : db;
}

function databaseOf({ db, now }: Call, caller: Caller, { member }: Rule): Database {
  if (caller.kind === 'key') return db.whileTrue(isWorking(caller, now));
  return caller.kind === 'member' && member ? db.whileTrue(isStill(caller)) : db;
}

/** Calls that have had a batch in a frame. */
const begun = new WeakSet<Call>();

/**
 * What grows goes by the day’s events and by the room that the database has. Both are proved behind
 * the batch, by its event: a call that changes nothing writes none, and is never refused.
 */
function frameOf({ call, caller, rule, tenantId }: Use, ending?: SQL): Frame {
  const isFirst = !begun.has(call);
  begun.add(call);
  const { room } = call.isolate.size;
  const isOperator = caller.kind === 'operator';
  const isTight =
    (room === 'little' && rule.writes === 'more') ||
    (room === 'none' && !(isOperator && rule.writes === 'less'));
  if (tenantId === NO_TENANT) {
    if (isTight) throw nearlyFull();
    return {};
  }
  const counts = rule.writes !== 'less' && !isOperator;
  if (!counts && !isTight) return {};
  const most = sql`coalesce(${q.most}, (
    SELECT ${dq.most} FROM ${source(dq)} WHERE ${dq.tenantId} = 0 AND ${dq.name} = ${DAILY}))`;
  const isUsedUp = counts
    ? sql`${q.used} > ${most} + ${rule.writes === 'mends' ? FOR_MENDING : 0}`
    : sql`0`;
  const ours = sql`${q.tenantId} = ${tenantId} AND ${q.name} = ${DAILY}`;
  // The batches of one document have one request id: the event of an earlier one is none of this
  // one.
  const before: Statement[] = isFirst
    ? []
    : [update(q, { lastEvent: null }, sql`WHERE ${ours} AND ${q.lastEvent} = ${call.requestId}`)];
  const excuse = randomText(12);
  const proof = statement(sql`
    SELECT json_extract('1', CASE
      WHEN ${q.lastEvent} IS NOT ${call.requestId} THEN '$'
      WHEN ${q.excused} = ${excuse} AND ${room === 'none' ? 0 : 1} THEN '$'
      WHEN ${isTight ? 1 : 0} THEN ${NEARLY_FULL}
      WHEN ${isUsedUp} THEN 'quota ' || ${q.name} || ' ' || ${most} ELSE '$' END)
    FROM ${source(q)} WHERE ${ours}`);
  if (ending) {
    before.push(
      update(
        q,
        { excused: excuse },
        sql`WHERE ${ours} AND (${isTight ? 1 : 0} OR ${q.used} + ${OF_A_BATCH} > ${most})
          AND (${ending})`,
      ),
    );
  }
  return { before, after: [proof] };
}
