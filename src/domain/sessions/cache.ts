/**
 * The session cache of an isolate. Sessions are found by id, and by token once the token is
 * verified.
 */
import type { SessionRecord } from '../entities/session.ts';
import type { CachedRecord, CachedSession } from '../isolate.ts';
import type { Call } from '../permit.ts';

/**
 * How long an isolate uses a cached session, in milliseconds. With the minute of KV and the time to
 * write, changes are seen within 90 s.
 */
const MEMORY_MS = 25_000;
/**
 * How long it remembers that a session has ended, in milliseconds: longer than KV may still return
 * the copy.
 */
const ENDED_MS = 90_000;
/** How long it does not ask D1 again about a copy in doubt, in milliseconds. */
const ASKED_MS = 5_000;

/** About the memory that it takes, in bytes. */
export const weigh = (remembered: CachedSession): number => {
  if (remembered === 'ended') return 400;
  const { grants, stations, externalId, email, actor = '' } = remembered.record;
  const name = externalId ?? email ?? '';
  // The headers have up to nine more characters for each character of the names.
  return (
    1_000 +
    10 * (name.length + actor.length) +
    250 * (grants?.length ?? 0) +
    16 * (stations?.length ?? 0)
  );
};

/** The cached session with an id. */
export const cachedSession = ({ isolate, now }: Call, id: string): CachedSession | undefined =>
  isolate.sessions.get(id, now);

/**
 * The prefix of tokens. No id begins with it, so an id, which is not secret, cannot pass for a
 * token.
 */
const TOKEN = 'lk_ses_';

/** The cached session of a verified token. Undefined for any other text. */
export const cachedSessionOf = (call: Call, token: string): CachedSession | undefined =>
  token.startsWith(TOKEN) ? cachedSession(call, token) : undefined;

/**
 * Caches what D1 said about a session. An ended session stays ended: D1 may have read before the
 * end and answered after it.
 */
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

/** Caches what KV said about a session. */
export function cacheCopy({ isolate, now }: Call, record: SessionRecord): CachedRecord {
  const known = { record, fromD1: false };
  isolate.sessions.set(record.id, known, now + MEMORY_MS);
  return known;
}

/**
 * Whether D1 answered when it was asked about a doubtful copy a moment ago. Undefined: it may be
 * asked.
 */
export const recentlyAsked = (
  { isolate, now }: Call,
  id: string,
): 'answered' | 'unanswered' | undefined => isolate.recentlyAsked.get(id, now);

/** Remembers for a moment whether D1 answered about a session. */
export const noteAsked = (
  { isolate, now }: Call,
  id: string,
  outcome: 'answered' | 'unanswered',
): void => isolate.recentlyAsked.set(id, outcome, now + ASKED_MS);
