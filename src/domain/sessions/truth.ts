/** What D1 says of a session, asked for by a check. */
import { sql } from 'drizzle-orm';
import { isUnavailable } from '../../base/faults.ts';
import { isLate, unanswered } from '../../db/connect.ts';
import type { Call } from '../permit.ts';
import { recall, recallAsked, remember, rememberAsked } from './memory.ts';
import { publish, sameRecord } from './publish.ts';
import { type SessionRecord, selectRecords, toRecord } from './record.ts';
import { renew } from './renew.ts';

type Truth = Promise<SessionRecord | null>;

/**
 * The truth. `copy` is what a copy said, `undefined` where none was asked or could say: where that differs from the truth, KV's copy
 * is brought up to date behind the answer, and so is one that may be there of a session that has ended.
 */
export async function askD1(call: Call, id: string, copy?: SessionRecord | null): Truth {
  const rows = await call.db.read(selectRecords(sql`s.id = ${id}`, call.now));
  const record = toRecord(rows[0], call.now);
  const knownToHaveEnded = recall(call, id) === 'ended';
  remember(call, id, record);
  const stale = copy === undefined ? !record && !knownToHaveEnded : !sameRecord(copy, record);
  if (stale) publish(call, [{ id }], rows);
  return record;
}

/** Past a copy's time the question to D1 is the renewal: one round trip tells whether it lives and makes it slide. */
export async function renewOrAsk(call: Call, id: string, copy: SessionRecord): Truth {
  try {
    return await renew(call, id);
  } catch (fault) {
    if (!isUnavailable(fault) || isLate(fault)) throw fault;
    // D1 may answer what it cannot write.
    const record = await askD1(call, id, copy);
    if (record) {
      remember(call, id, record, true);
      call.degrade('unrenewed');
    }
    return record;
  }
}

/** A request looks so often whether another was told, in milliseconds. */
const STEP_MS = 10;
/** A question takes no longer: D1 has been given up on by then. */
const ASKING_MS = 4_000;

/**
 * One question for all requests that need D1's word on a session at once, or a flood of one token would be a flood of
 * queries. The others hear the answer from memory: promises must not pass from one request to another.
 */
export async function askTogether(
  call: Call,
  id: string,
  copy: SessionRecord | null | undefined,
  ask: () => Truth,
): Truth {
  const { asking } = call.isolate;
  for (;;) {
    const heard = recall(call, id);
    if (heard === 'ended') return null;
    if (heard?.fromD1 && heard.record !== copy) {
      if (heard.unrenewed) call.degrade('unrenewed');
      return heard.record;
    }
    if (recallAsked(call, id) === 'unanswered') throw unanswered();
    if (!asking.get(id, Date.now())) break;
    await scheduler.wait(STEP_MS);
  }
  // A request that is cancelled while it asks leaves this standing: not for long.
  asking.set(id, true, Date.now() + ASKING_MS);
  try {
    return await ask();
  } catch (fault) {
    if (isUnavailable(fault)) rememberAsked(call, id, 'unanswered');
    throw fault;
  } finally {
    asking.delete(id);
  }
}
