/** The API key. Only its holder has its secret. */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { type Complaint, Refusal, refuseAny, unauthenticated } from '../../base/faults.ts';
import type { IssuedCredential } from '../../base/issuer.ts';
import { k, source, t } from '../../db/aliases.ts';
import { event, type Origin } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { apiKeys } from '../../db/schema.ts';
import { insert, type RowOf, select, update } from '../../db/statements.ts';
import { boundsOf } from '../callers/cap.ts';
import { makerColumns, makerOf } from '../callers/maker.ts';
import { endsAt, isInGrace, readScopes, rootOf, type Scope, works } from '../entities/key.ts';
import { unknownTenant } from '../entities/tenant.ts';
import type { Permit } from '../permit.ts';

export interface ApiKey {
  id: string;
  name: string;
  scopes: Scope[];
  createdAt: number;
  /** Null: no end. A rotated key ends with its grace period. */
  expiresAt: number | null;
  /** To within an hour. */
  lastUsedAt: number | null;
  /** Who made it: the root id of a key, or a member. Both null: the operator. */
  madeByKey: string | null;
  madeByUser: number | null;
}

const keyColumns = {
  ...{ id: k.id, name: k.name, scopes: k.scopes, createdAt: k.createdAt },
  ...{ expiresAt: endsAt, lastUsedAt: k.lastUsedAt },
  ...makerColumns(k),
};

type KeyRow = RowOf<typeof keyColumns>;

/** The key in a row of `selectKeys`. */
export const toKey = (row: KeyRow): ApiKey => ({ ...row, scopes: readScopes(row.scopes) });

/**
 * Marks expired keys as removed, so that they no longer count against the limit. Stands in a batch
 * before the count is read.
 */
export const retireKeys = (now: number, fits: SQL): Statement =>
  update(
    k,
    { removedAt: endsAt },
    sql`WHERE ${k.removedAt} IS NULL AND ${endsAt} <= ${now} AND ${fits}`,
  );

/**
 * The most keys of a tenant, unless the operator allows more, and the most in their grace period.
 * Keys are listed without pages.
 */
export const USUAL_MOST_KEYS = 100;
export const MAX_IN_GRACE = 100;

/** The keys `k` that fit. */
export const selectKeys = (fits: SQL): Statement<KeyRow> =>
  select(keyColumns, sql`FROM ${source(k)} WHERE ${fits}`);

export interface KeyTerms {
  name: SQLWrapper | string;
  /** A JSON list. */
  scopes: SQLWrapper | string;
  expiresAt: SQLWrapper | number | null;
  /** The id of the key that it replaces. A successor counts as the same key. */
  replaces?: string;
}

/** Inserts a key for each row of `from`, with its event. */
export const insertKey = (
  origin: Origin & Pick<Permit<string>, 'caller'>,
  action: 'apiKey.add' | 'apiKey.rotate' | 'intermediary.add',
  { id, hash }: IssuedCredential,
  { name, scopes, expiresAt, replaces }: KeyTerms,
  from: SQL,
) => {
  const { tenantId, now } = origin;
  return {
    keyInsertion: insert(
      apiKeys,
      {
        ...{ id, tenantId, name, scopes, hash, createdAt: now, expiresAt },
        ...{ rootId: replaces ? rootOf : null, ...makerOf(origin) },
      },
      from,
    ),
    keyEvent: event(
      origin,
      {
        action,
        subject: { apiKeyId: k.id, ...(replaces ? { replacedApiKeyId: replaces } : {}) },
      },
      sql`FROM ${source(k)} WHERE ${k.id} = ${id}`,
    ),
  };
};

const replacedKey: Complaint = {
  code: 'FORBIDDEN',
  path: [],
  message: 'Your key was rotated and only works for its grace period. Use the new key.',
};

/**
 * The caller as D1 has it now, since the cache may be 30 s old: a row for a valid key, or for the
 * named tenant. `replaced`: the key is in its grace period.
 */
const callerColumns = ({ caller }: Permit<string>) => ({
  replaced: caller.kind === 'key' ? isInGrace : sql<0 | 1>`0`,
});

const callerNow = ({ caller, now, tenantId }: Permit<string>): SQL =>
  caller.kind === 'key'
    ? sql`FROM ${source(k)} WHERE ${k.id} = ${caller.key.id} AND ${works(now)}`
    : sql`FROM ${source(t)} WHERE ${t.id} = ${tenantId} AND ${t.removedAt} IS NULL`;

export type CallerNow = RowOf<ReturnType<typeof callerColumns>>;

/** Reads that row. */
export const selectCaller = (permit: Permit<string>): Statement<CallerNow> =>
  select(callerColumns(permit), callerNow(permit));

/** Whether the caller may manage keys. Guards every write. */
export const mayManage = (permit: Permit<string>): SQL =>
  sql`EXISTS (SELECT 1 FROM (${selectCaller(permit).sql}) WHERE NOT replaced)`;

/** Refuses a caller that may not manage keys. `row` is from `selectCaller`. */
export function refuseUnlessManaging({ caller }: Permit<string>, row: CallerNow | undefined): void {
  if (row?.replaced) throw new Refusal(replacedKey);
  if (row) return;
  if (caller.kind === 'key') throw unauthenticated(true);
  throw new Refusal(unknownTenant);
}

/** When the calling key ends. Null: never, or it is none. */
const endOf = ({ caller }: Permit<string>): number | null =>
  caller.kind === 'key' ? caller.key.expiresAt : null;

/** Whether key `k` has no more scopes than the caller, and does not outlive it. */
export function withinCaller(permit: Permit<string>): SQL<0 | 1> {
  const scopes = boundsOf(permit);
  if (!scopes) return sql`1`;
  const expiresAt = endOf(permit);
  return sql<0 | 1>`(NOT EXISTS (
      SELECT 1 FROM json_each(${k.scopes}) WHERE value NOT IN (
        SELECT value FROM json_each(${JSON.stringify(scopes)})))
    AND (${expiresAt} IS NULL OR ${k.expiresAt} IS NOT NULL AND ${k.expiresAt} <= ${expiresAt}))`;
}

/** Refuses scopes or an expiry beyond those of the caller. A key is taken as cached. */
export function refuseBeyondCaller(
  permit: Permit<string>,
  { scopes, expiresAt }: { scopes: readonly Scope[]; expiresAt: number | null },
): void {
  const { caller } = permit;
  const bounds = boundsOf(permit);
  if (!bounds) return;
  if (caller.kind === 'key' && caller.key.inGrace) throw new Refusal(replacedKey);
  const complaints: Complaint[] = [];
  const missing = scopes.filter((scope) => !bounds.includes(scope));
  if (missing.length > 0) {
    complaints.push({
      code: 'FORBIDDEN',
      path: ['scopes'],
      message: `You cannot grant scopes that you do not have: ${missing.join(', ')}.`,
    });
  }
  const mine = endOf(permit);
  if (mine !== null && (expiresAt === null || expiresAt > mine)) {
    const end = new Date(mine).toISOString();
    complaints.push({
      code: 'FORBIDDEN',
      path: ['expiresAt'],
      message: `The new key cannot outlive yours. It must expire by ${end}.`,
    });
  }
  refuseAny(complaints);
}
