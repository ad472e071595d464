/** Reads from D1 about one session: its record, its renewal, its token and its grants. */
import { sql } from 'drizzle-orm';
import { isUnavailable } from '../../base/faults.ts';
import { s } from '../../db/aliases.ts';
import { isLate } from '../../db/connect.ts';
import { selectRecords, toRecord } from '../entities/session.ts';
import type { Answer, Part, RecordRead, UserQuestion } from '../isolate.ts';
import type { Call } from '../permit.ts';
import { cachedSession, cacheRecord } from './cache.ts';
import { grantedBy, selectGranted } from './granted.ts';
import { publish, sameRecord } from './publish.ts';
import { renew } from './sliding-expiry.ts';
import { selectTokenSession } from './token-session.ts';

/**
 * Reads the record from D1. If the copy differs, KV is updated after the response. So is a copy
 * that may exist of an ended session.
 */
async function readFromD1(call: Call, id: string, part: Part): Promise<RecordRead> {
  const copy = part && 'copy' in part ? part.copy : undefined;
  const rows = await call.db.read(selectRecords(sql`${s.id} = ${id}`, call.now));
  const record = toRecord(rows[0], call.now);
  const knownToHaveEnded = cachedSession(call, id) === 'ended';
  cacheRecord(call, id, record);
  const stale = copy === undefined ? !record && !knownToHaveEnded : !sameRecord(copy, record);
  if (stale) publish(call, [{ id }], rows);
  return { record };
}

/**
 * Reads a record whose copy is too old by renewing it: one round trip tells whether the session is
 * live, and extends it.
 */
async function renewOrRead(call: Call, id: string, part: Part): Promise<RecordRead> {
  try {
    return { record: await renew(call, id) };
  } catch (fault) {
    if (!isUnavailable(fault) || isLate(fault)) throw fault;
    // D1 may be able to read but not to write.
    const { record } = await readFromD1(call, id, part);
    if (record) cacheRecord(call, id, record, true);
    return { record, unrenewed: record !== null };
  }
}

async function readTokenSessionRow(call: Call, id: string): Promise<Answer> {
  const [tokenSession = null] = await call.db.read(selectTokenSession(id, call.now));
  // A copy that may exist is not corrected here: this path reads no copy.
  if (!tokenSession) cacheRecord(call, id, null);
  return { kind: 'tokenSession', tokenSession };
}

async function readGranted(
  call: Call,
  sessionId: string,
  named: [string, UserQuestion][],
): Promise<[string, Answer][]> {
  const [first] = named;
  if (!first) return [];
  const questions = named.map(([, { question }]) => question);
  const selects = selectGranted({ ...first[1], sessionId }, questions, call.now);
  const rows = (await Promise.all(selects.map((select) => call.db.read(select)))).flat();
  const answers = new Map(rows.map((yes) => [yes.at, yes]));
  return named.map(([name, { question }], at) => {
    const yes = answers.get(at);
    return [name, { kind: 'granted', granted: yes && grantedBy(question, yes) }];
  });
}

/** The names of the parts that are not questions about grants. */
export const RECORD = 'record';
export const RENEWAL = 'renewal';
export const TOKEN_SESSION = 'tokenSession';

/** Reads all parts in one round trip. A renewal has its own. */
export async function readParts(
  call: Call,
  id: string,
  parts: ReadonlyMap<string, Part>,
): Promise<Map<string, Answer>> {
  const readRecord = async (): Promise<[string, Answer][]> => {
    const read = parts.has(RENEWAL) ? renewOrRead : readFromD1;
    if (!parts.has(RENEWAL) && !parts.has(RECORD)) return [];
    const answer: Answer = {
      kind: 'record',
      ...(await read(call, id, parts.get(RENEWAL) ?? parts.get(RECORD))),
    };
    return [RECORD, RENEWAL].map((name) => [name, answer]);
  };
  const named = [...parts].filter(
    (part): part is [string, UserQuestion] => part[1] !== undefined && 'question' in part[1],
  );
  const answers = await Promise.all([
    readRecord(),
    parts.has(TOKEN_SESSION)
      ? readTokenSessionRow(call, id).then((answer): [string, Answer][] => [
          [TOKEN_SESSION, answer],
        ])
      : [],
    readGranted(call, id, named),
  ]);
  return new Map(answers.flat());
}
