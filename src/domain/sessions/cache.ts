/**
 * What one isolate remembers of sessions, between its requests: found by id, and by the token once
 * that has proved good.
 */
import type { SessionRecord } from '../entities/session.ts';
import type { CachedRecord, CachedSession } from '../isolate.ts';
import type { Call } from '../permit.ts';

/**
 * How long an isolate believes what it remembers: with the minute that KV takes, and the writing
 * itself, within 90 s.
 */
const MEMORY_MS = 25_000;
/** How long it remembers that a session has ended: longer than KV may go on giving the copy. */
const ENDED_MS = 90_000;
/** How long it does not ask D1 again that it asked in doubt. */
const ASKED_MS = 5_000;

/** About what it takes of an isolate's memory, in bytes. */
export const weigh = (remembered: CachedSession): number => {
  if (remembered === 'ended') return 400;
  const { grants, stations, externalId, email } = remembered.record;
  const name = externalId ?? email ?? '';
  // What is said has up to nine more characters for each of the name's.
  return 1_000 + 10 * name.length + 250 * (grants?.length ?? 0) + 16 * (stations?.length ?? 0);
};

/** What is known of a session. */
export const cachedSession = ({ isolate, now }: Call, id: string): CachedSession | undefined =>
  isolate.sessions.get(id, now);

/** How tokens begin, and no id does: an id is no secret, and must not pass for a token. */
const TOKEN = 'lk_ses_';

/** What is known of the session of a token that has proved good; undefined for all other texts. */
export const cachedSessionOf = (call: Call, token: string): CachedSession | undefined =>
  token.startsWith(TOKEN) ? cachedSession(call, token) : undefined;

/** What D1 said of a session. What has ended never lives again: D1 may have read before the end, and answer behind it. */
export function cacheRecord(
  call: Call,
  id: string,
  record: SessionRecord | null,
  unrenewed = false,
) {
  const { sessions } = call.isolate;
  if (!record) sessions.set(id, 'ended', call.now + ENDED_MS);
  else if (cachedSession(call, id) !== 'ended') {
    sessions.set(id, { record, fromD1: true, unrenewed }, call.now + MEMORY_MS);
  }
}

/** What KV said of it. */
export function cacheCopy({ isolate, now }: Call, record: SessionRecord): CachedRecord {
  const known = { record, fromD1: false };
  isolate.sessions.set(record.id, known, now + MEMORY_MS);
  return known;
}

/** Whether D1, asked in doubt a moment ago, answered; undefined when it may be asked. */
export const recentlyAsked = (
  { isolate, now }: Call,
  id: string,
): 'answered' | 'unanswered' | undefined => isolate.recentlyAsked.get(id, now);

export const noteAsked = (
  { isolate, now }: Call,
  id: string,
  outcome: 'answered' | 'unanswered',
): void => isolate.recentlyAsked.set(id, outcome, now + ASKED_MS);
