/** The database of a Permit, with the checks that all its batches need. */
import { type SQL, sql } from 'drizzle-orm';
import { randomText } from '../base/ids.ts';
import { dq, q, source } from '../db/aliases.ts';
import { type Database, type Frame, type Statement, statement } from '../db/connect.ts';
import { DAILY, NEARLY_FULL, nearlyFull } from '../db/quota.ts';
import { update } from '../db/statements.ts';
import { isStillEnrolling } from '../domain/callers/enrolment.ts';
import { isStillValid, isWorking } from '../domain/callers/still-valid.ts';
import type { Caller } from '../domain/credentials.ts';
import { NO_TENANT } from '../domain/entities/tenant.ts';
import type { Call } from '../domain/permit.ts';
import type { Rule } from './rules.ts';

/** Extra events per day for calls that restore access, once the others are used up. */
const FOR_MENDING = 10_000;
/**
 * More events than one batch writes. With fewer left, a batch that ends something has to say so.
 */
const OF_A_BATCH = 10_000;

export interface Use {
  call: Call;
  caller: Caller;
  rule: Rule;
  tenantId: number;
}

/**
 * The credential is checked again in every batch. So nothing is created after the caller's key or
 * level has ended. `ending`: if it holds when a batch begins, the batch ends something.
 */
export function databaseFor(use: Use, ending?: SQL): Database {
  const { call, caller, rule } = use;
  if (rule.near) return call.db.near();
  const db = databaseOf(call, caller, rule);
  return rule.writes ? db.framed(() => frameOf(use, ending)) : db;
}

function databaseOf({ db, now }: Call, caller: Caller, { member }: Rule): Database {
  if (caller.kind === 'key') return db.whileTrue(isWorking(caller, now));
  if (caller.kind === 'enrolling') return db.whileTrue(isStillEnrolling(caller));
  return caller.kind === 'member' && member ? db.whileTrue(isStillValid(caller)) : db;
}

/** Calls that have already run a batch in a frame. */
const begun = new WeakSet<Call>();

/**
 * Growth is limited by the events of the day and by the space of the database. Both are proved
 * after the batch, if it wrote an event. A call that changes nothing writes none and is never
 * refused.
 */
function frameOf({ call, caller, rule, tenantId }: Use, ending?: SQL): Frame {
  const isFirst = !begun.has(call);
  begun.add(call);
  const { space } = call.isolate.size;
  const isOperator = caller.kind === 'operator';
  const isTight =
    (space === 'little' && rule.writes === 'more') ||
    (space === 'none' && !(isOperator && rule.writes === 'less'));
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
  // The batches of one document share a request id. The event of an earlier batch must not count
  // for this one.
  const before: Statement[] = isFirst
    ? []
    : [update(q, { lastEvent: null }, sql`WHERE ${ours} AND ${q.lastEvent} = ${call.requestId}`)];
  const excuse = randomText(12);
  const proof = statement(sql`
    SELECT json_extract('1', CASE
      WHEN ${q.lastEvent} IS NOT ${call.requestId} THEN '$'
      WHEN ${q.excused} = ${excuse} AND ${space === 'none' ? 0 : 1} THEN '$'
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
