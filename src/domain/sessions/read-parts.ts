/** Reads from D1 what is asked of one session: its record, its renewal, who presents it, grants. */
import { sql } from 'drizzle-orm';
import { isUnavailable } from '../../base/faults.ts';
import { s } from '../../db/aliases.ts';
import { isLate } from '../../db/connect.ts';
import { selectRecords, toRecord } from '../entities/session.ts';
import type { Answer, Named, Part, Told } from '../isolate.ts';
import type { Call } from '../permit.ts';
import { grantedBy, selectGranted } from './granted.ts';
import { recall, remember } from './memory.ts';
import { selectPresented } from './presented.ts';
import { publish, sameRecord } from './publish.ts';
import { renew } from './slide.ts';

/**
 * The record as D1 has it. Where a copy differs from it, KV's copy is brought up to date behind the
 * answer, and so is one that may be there of a session that has ended.
 */
async function readTruth(call: Call, id: string, part: Part): Promise<Told> {
  const copy = part && 'copy' in part ? part.copy : undefined;
  const rows = await call.db.read(selectRecords(sql`${s.id} = ${id}`, call.now));
  const record = toRecord(rows[0], call.now);
  const knownToHaveEnded = recall(call, id) === 'ended';
  remember(call, id, record);
  const stale = copy === undefined ? !record && !knownToHaveEnded : !sameRecord(copy, record);
  if (stale) publish(call, [{ id }], rows);
  return { record };
}

/**
 * Past a copy's time the question to D1 is the renewal: one round trip tells whether it lives and
 * makes it slide.
 */
async function renewOrRead(call: Call, id: string, part: Part): Promise<Told> {
  try {
    return { record: await renew(call, id) };
  } catch (fault) {
    if (!isUnavailable(fault) || isLate(fault)) throw fault;
    // D1 may answer what it cannot write.
    const { record } = await readTruth(call, id, part);
    if (record) remember(call, id, record, true);
    return { record, unrenewed: record !== null };
  }
}

async function readPresented(call: Call, id: string): Promise<Answer> {
  const [presented = null] = await call.db.read(selectPresented(id, call.now));
  // Its copy may go on for its time: who only presents a token asks no copy.
  if (!presented) remember(call, id, null);
  return { kind: 'presented', presented };
}

async function readGranted(call: Call, named: [string, Named][]): Promise<[string, Answer][]> {
  const [first] = named;
  if (!first) return [];
  const questions = named.map(([, { question }]) => question);
  const selects = selectGranted(first[1], questions, call.now);
  const rows = (await Promise.all(selects.map((select) => call.db.read(select)))).flat();
  const answers = new Map(rows.map((yes) => [yes.at, yes]));
  return named.map(([name, { question }], at) => {
    const yes = answers.get(at);
    return [name, { kind: 'granted', granted: yes && grantedBy(question, yes) }];
  });
}

/** What parts are called that are no question about a grant. */
export const RECORD = 'record';
export const RENEWAL = 'renewal';
export const PRESENTED = 'presented';

/** All parts in one round trip, but that a renewal has its own. */
export async function readParts(
  call: Call,
  id: string,
  parts: ReadonlyMap<string, Part>,
): Promise<Map<string, Answer>> {
  const readRecord = async (): Promise<[string, Answer][]> => {
    const read = parts.has(RENEWAL) ? renewOrRead : readTruth;
    if (!parts.has(RENEWAL) && !parts.has(RECORD)) return [];
    const answer: Answer = {
      kind: 'record',
      ...(await read(call, id, parts.get(RENEWAL) ?? parts.get(RECORD))),
    };
    return [RECORD, RENEWAL].map((name) => [name, answer]);
  };
  const named = [...parts].filter(
    (part): part is [string, Named] => part[1] !== undefined && 'question' in part[1],
  );
  const answers = await Promise.all([
    readRecord(),
    parts.has(PRESENTED)
      ? readPresented(call, id).then((answer): [string, Answer][] => [[PRESENTED, answer]])
      : [],
    readGranted(call, named),
  ]);
  return new Map(answers.flat());
}
