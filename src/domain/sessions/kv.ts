/**
 * KV: copies of sessions' records, near the user. What it says is garbage until it is found to be a
 * record.
 */

import type { SessionRecord } from '../entities/session.ts';
import type { Call } from '../permit.ts';

/**
 * Least lifetime that KV lets a location cache a value for. Without it, a read has it cached for a
 * minute, and every other read there is answered from that.
 */
const CACHE_SECONDS = 30;
/** KV takes no lifetime under this, in seconds. */
const LEAST_TTL = 60;

const READING = { type: 'json', cacheTtl: CACHE_SECONDS } as const;

export const copyKey = (sessionId: string): string => `ses:${sessionId}`;

/** What KV has: null for nothing, or for garbage; undefined when it cannot say. */
export async function readCopy(call: Call, id: string): Promise<SessionRecord | null | undefined> {
  try {
    const record = readRecord(await call.kv.get<unknown>(copyKey(id), READING));
    return record?.id === id ? record : null;
  } catch (error) {
    return error instanceof SyntaxError ? null : undefined;
  }
}

/**
 * What KV has of up to 100 sessions, by their ids: undefined for nothing, null for garbage. Throws
 * what KV does.
 */
export async function readCopies(
  call: Call,
  ids: string[],
): Promise<Map<string, SessionRecord | null>> {
  const found = await call.kv.get<unknown>(ids.map(copyKey), READING);
  return new Map(
    ids.flatMap((id) => {
      const copy = found.get(copyKey(id));
      return copy == null ? [] : [[id, readRecord(copy)]];
    }),
  );
}

/** Puts a copy, or takes it away where there is no record. Whether KV took it. */
export async function writeCopy(
  { kv, now, requestId }: Call,
  id: string,
  record: SessionRecord | null,
): Promise<boolean> {
  const key = copyKey(id);
  try {
    // Expiry is judged from the record: KV's own only collects garbage.
    if (!record) await kv.delete(key);
    else {
      const seconds = Math.ceil((record.expiresAt - now) / 1000);
      const expirationTtl = Math.max(LEAST_TTL, seconds);
      await kv.put(key, JSON.stringify(record), { expirationTtl });
    }
    return true;
  } catch (error) {
    console.warn({ requestId, copy: key, error });
    return false;
  }
}

type Is = (value: unknown) => boolean;

const isText: Is = (value) => typeof value === 'string' && value.isWellFormed();
const isNumber: Is = (value) => typeof value === 'number';
/** What a Date takes (ECMAScript, section 21.4.1.1). */
const isTime: Is = (value) => typeof value === 'number' && Math.abs(value) <= 8.64e15;
const isTextOrNull: Is = (value) => value === null || isText(value);
const isNumberOrNull: Is = (value) => value === null || typeof value === 'number';
const isListOf =
  (isItem: Is): Is =>
  (list) =>
    list === null || (Array.isArray(list) && list.every(isItem));
const isGrant: Is = (grant) =>
  Array.isArray(grant) &&
  isText(grant[0]) &&
  isTextOrNull(grant[1]) &&
  isText(grant[2]) &&
  isNumberOrNull(grant[3]);

const PARTS = Object.entries({
  id: isText,
  tenantId: isNumber,
  userId: isNumber,
  externalId: isTextOrNull,
  email: isTextOrNull,
  hash: isText,
  createdAt: isTime,
  renewedAt: isTime,
  renewAfter: isTime,
  expiresAt: isTime,
  grants: isListOf(isGrant),
  stations: isListOf(isNumber),
} satisfies Record<keyof SessionRecord, Is>);

/**
 * What an older or newer version wrote is taken for a miss. By hand: a schema would take a tenth of
 * the check.
 */
function readRecord(copy: unknown): SessionRecord | null {
  if (typeof copy !== 'object' || copy === null) return null;
  for (const [part, is] of PARTS) {
    if (!is((copy as Record<string, unknown>)[part])) return null;
  }
  return copy as SessionRecord;
}
