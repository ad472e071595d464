/** The check of a token, at the edge: is it good, and may its user do what is asked? */
import { isUnavailable } from '../../base/faults.ts';
import type { Call } from '../permit.ts';
import { recallAsked, rememberAsked } from './memory.ts';
import { type Granted, grantFor, type Question, type SessionRecord } from './record.ts';
import { slide } from './renew.ts';
import { type Resolved, type ResolveOptions, resolveToken } from './resolve.ts';
import { askGranted, askInDoubt } from './truth.ts';

export interface CheckOptions extends ResolveOptions {
  question?: Question | undefined;
}

export type Verdict =
  /** `granted` where there was a question. */
  | { kind: 'allowed'; record: SessionRecord; granted?: Granted }
  | { kind: 'denied'; record: SessionRecord }
  | { kind: 'unknown' };

/** A deny in a copy is confirmed in D1 before it is given, or a grant just made would be refused. */
async function confirmDeny(call: Call, { record, fresh }: Resolved): Promise<SessionRecord | null> {
  if (fresh) return record;
  const { id } = record;
  const asked = recallAsked(call, id);
  if (asked === 'unanswered') call.degrade('unconfirmed');
  if (asked) return record;
  try {
    const confirmed = await askInDoubt(call, id, record, false);
    rememberAsked(call, id, 'answered');
    return confirmed;
  } catch (fault) {
    if (!isUnavailable(fault)) throw fault;
    call.degrade('unconfirmed');
    return record;
  }
}

/** Whether the record's lists can answer the question. */
const isListed = (record: SessionRecord, question: Question): boolean =>
  ('stationId' in question ? record.stations : record.grants) !== null;

async function findGranted(
  call: Call,
  record: SessionRecord,
  question: Question,
): Promise<Granted | undefined> {
  if (!isListed(record, question)) return askGranted(call, record, question);
  if ('stationId' in question) {
    const { stationId } = question;
    return record.stations?.includes(stationId) ? { stationId } : undefined;
  }
  const grant = grantFor(record, question, call.now);
  return grant && { deviceId: grant.deviceId, permission: question.permission };
}

/** Is this token good, and may its user do what `question` asks? UNAVAILABLE when no store that may say so can. */
export async function checkToken(
  call: Call,
  token: string,
  { question, ...options }: CheckOptions,
): Promise<Verdict> {
  const resolved = await resolveToken(call, token, options);
  if (!resolved) return { kind: 'unknown' };
  const { record } = resolved;
  if (options.activity) slide(call, record);
  if (!question) return { kind: 'allowed', record };
  const granted = await findGranted(call, record, question);
  if (granted) return { kind: 'allowed', record, granted };
  if (!isListed(record, question)) return { kind: 'denied', record };
  const confirmed = await confirmDeny(call, resolved);
  if (!confirmed) return { kind: 'unknown' };
  const late = await findGranted(call, confirmed, question);
  return late
    ? { kind: 'allowed', record: confirmed, granted: late }
    : { kind: 'denied', record: confirmed };
}
