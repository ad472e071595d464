/**
 * KV: copies of session records, near the user. A value is not trusted until it is checked to be a
 * record.
 */

import type { SessionRecord } from '../entities/session.ts';
import { MAX_SUPPORT_MS } from '../entities/support.ts';
import type { Call } from '../permit.ts';

/**
 * The shortest time that KV lets a location cache a value, in seconds. By default it is a minute,
 * which also makes every other read there up to a minute old.
 */
const CACHE_SECONDS = 30;
/** The shortest lifetime of a KV value, in seconds. */
const LEAST_TTL = 60;

const READING = { type: 'json', cacheTtl: CACHE_SECONDS } as const;

/** The key of a session’s copy in KV. */
export const copyKey = (sessionId: string): string => `ses:${sessionId}`;

/**
 * Reads the copy of a session. Null if there is none or it is not a valid record. Undefined if KV
 * failed.
 */
export async function readCopy(call: Call, id: string): Promise<SessionRecord | null | undefined> {
  try {
    const record = readRecord(await call.kv.get<unknown>(copyKey(id), READING));
    return record?.id === id ? record : null;
  } catch (error) {
    return error instanceof SyntaxError ? null : undefined;
  }
}

/**
 * Reads the copies of up to 100 sessions, by id. Undefined if there is none, null if it is not a
 * valid record. Throws what KV throws.
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

/** Writes a copy, or deletes it if `record` is null. Returns whether KV accepted it. */
export async function writeCopy(
  { kv, now, requestId }: Call,
  id: string,
  record: SessionRecord | null,
): Promise<boolean> {
  const key = copyKey(id);
  try {
    // Expiry is checked in the record. KV's own expiry only frees space.
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
/** The range of a Date (ECMAScript, section 21.4.1.1). */
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
} satisfies Record<Exclude<keyof SessionRecord, 'actor' | 'permissions'>, Is>);

const isPermission: Is = (kind) => kind === 'VIEW' || kind === 'CHARGE';

/** Whether the copy of a support session gives no more, and for no longer, than it may. */
function isBounded({ actor, permissions, ...record }: SessionRecord): boolean {
  const { grants, stations, createdAt, renewAfter, expiresAt } = record;
  return (
    isText(actor) &&
    Array.isArray(permissions) &&
    permissions.every(isPermission) &&
    expiresAt - createdAt <= MAX_SUPPORT_MS &&
    renewAfter >= expiresAt &&
    (grants ?? []).every(([, , kind]) => permissions.includes(kind)) &&
    (permissions.includes('VIEW') || (stations ?? []).length === 0)
  );
}

/**
 * Checks that a copy is a record. One from another version counts as a miss. Written by hand, since
 * a schema would take a tenth of the token check.
 */
function readRecord(copy: unknown): SessionRecord | null {
  if (typeof copy !== 'object' || copy === null) return null;
  for (const [part, is] of PARTS) {
    if (!is((copy as Record<string, unknown>)[part])) return null;
  }
  const record = copy as SessionRecord;
  const isOrdinary = record.actor === undefined && record.permissions === undefined;
  return isOrdinary || isBounded(record) ? record : null;
}
