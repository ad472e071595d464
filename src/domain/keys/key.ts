/** The API key as a fact; its secret is nowhere but with its holder. */
import { type SQL, sql } from 'drizzle-orm';
import { type Complaint, Refusal, refuseAny, unauthenticated } from '../../base/faults.ts';
import type { IssuedCredential } from '../../base/issuer.ts';
import { event, type Origin } from '../../db/commit.ts';
import { type Statement, statement } from '../../db/connect.ts';
import { quotaComplaint } from '../../db/quota.ts';
import { makerOf } from '../made/maker.ts';
import type { Caller, Permit, Scope } from '../permit.ts';
import { unknownTenant } from '../tenant.ts';

export interface ApiKey {
  id: string;
  name: string;
  scopes: Scope[];
  createdAt: number;
  /** Null: no end. A key that was rotated ends with its grace. */
  expiresAt: number | null;
  /** To within an hour. */
  lastUsedAt: number | null;
}

type KeyRow = Omit<ApiKey, 'scopes'> & { scopes: string };

export const readScopes = (column: string): Scope[] => JSON.parse(column) as Scope[];

export const toKey = (row: KeyRow): ApiKey => ({ ...row, scopes: readScopes(row.scopes) });

/** When key `k` ends: by itself, or with its grace where that comes first. */
export const endsAt = sql.raw(
  'min(coalesce(k.expires_at, k.grace_ends_at), coalesce(k.grace_ends_at, k.expires_at))',
);

/** The first key of the rotations of key `k`. */
export const rootOf = sql.raw('coalesce(k.root_id, k.id)');

const keyColumns = sql`k.id, k.name, k.scopes, k.created_at AS createdAt, ${endsAt} AS expiresAt, k.last_used_at AS lastUsedAt`;

/** Keys `k` that work at `now`, those in their grace included. */
export const works = (now: number): SQL =>
  sql`k.removed_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ${now}) AND (k.grace_ends_at IS NULL OR k.grace_ends_at > ${now})`;

/** Whether the calling key works at the very moment of a change: memory may be 30 s behind. */
export const isWorking = ({ key }: Extract<Caller, { kind: 'key' }>, now: number): SQL =>
  sql`EXISTS (SELECT 1 FROM api_keys k WHERE k.id = ${key.id} AND ${works(now)})`;

/** Keys that ended by themselves are as good as removed: they leave the count, and make room. Stands before it is asked. */
export const retireKeys = (now: number, fits: SQL): Statement =>
  statement(sql`
    UPDATE api_keys AS k SET removed_at = ${endsAt} WHERE k.removed_at IS NULL AND ${endsAt} <= ${now} AND ${fits}`);

/** The counter and the limit of a tenant's keys, those in their grace left out. */
const quota = (tenantId: number): SQL =>
  sql`FROM quotas d LEFT JOIN quotas q ON q.tenant_id = ${tenantId} AND q.name = d.name
    WHERE d.tenant_id = 0 AND d.name = 'apiKeys'`;

/** Whether the tenant may have one more key. */
export const hasRoom = ({ tenantId }: Permit<string>): SQL =>
  sql`(SELECT coalesce(q.used, 0) < coalesce(q.most, d.most) ${quota(tenantId)})`;

export const selectMostKeys = ({ tenantId }: Permit<string>): Statement<{ most: number }> =>
  statement<{ most: number }>(sql`SELECT coalesce(q.most, d.most) AS most ${quota(tenantId)}`);

export const tooManyKeys = ([row]: { most: number }[]): Refusal =>
  new Refusal(quotaComplaint('apiKeys', row?.most ?? 0));

/** A tenant's keys are given whole: so many, unless its operator allows more, and as many in their grace. */
export const USUAL_MOST_KEYS = 100;
export const MAX_IN_GRACE = 100;

export const hasRoomInGrace = ({ tenantId }: Permit<string>): SQL =>
  sql`(SELECT count(*) FROM api_keys k
    WHERE k.tenant_id = ${tenantId} AND k.removed_at IS NULL AND k.grace_ends_at IS NOT NULL) < ${MAX_IN_GRACE}`;

export const selectKeys = (fits: SQL): Statement<KeyRow> =>
  statement<KeyRow>(sql`SELECT ${keyColumns} FROM api_keys k WHERE ${fits}`);

export interface KeyTerms {
  name: SQL | string;
  /** A JSON list. */
  scopes: SQL | string;
  expiresAt: SQL | number | null;
  /** The key `k` whose successor it is, by its id: the successor counts as the same key. */
  replaces?: string;
}

/** The insertion of a key for each row of `from`, and its event. */
export const insertKey = (
  origin: Origin & Pick<Permit<string>, 'caller'>,
  action: 'apiKey.add' | 'apiKey.rotate' | 'intermediary.add',
  { id, hash }: IssuedCredential,
  { name, scopes, expiresAt, replaces }: KeyTerms,
  from: SQL,
) => {
  const { madeBy, madeByUser } = makerOf(origin);
  const root = replaces ? rootOf : sql`NULL`;
  return {
    keyInsertion: statement(sql`
      INSERT INTO api_keys (id, root_id, tenant_id, name, scopes, hash, created_at, expires_at, made_by, made_by_user)
      SELECT ${id}, ${root}, ${origin.tenantId}, ${name}, ${scopes}, ${hash}, ${origin.now}, ${expiresAt}, ${madeBy},
        ${madeByUser} ${from}`),
    keyEvent: event(
      origin,
      {
        action,
        subject: replaces
          ? sql`json_object('apiKeyId', id, 'replacedApiKeyId', ${replaces})`
          : sql`json_object('apiKeyId', id)`,
      },
      sql`FROM api_keys WHERE id = ${id}`,
    ),
  };
};

const replacedKey: Complaint = {
  code: 'FORBIDDEN',
  path: [],
  message: 'Your key was rotated and works on for its grace only. Use its successor.',
};

/** The caller as D1 has it now, where memory may be 30 s behind: a row for a key that works, or for the tenant named. */
const callerNow = ({ caller, now, tenantId }: Permit<string>): SQL =>
  caller.kind === 'key'
    ? sql`SELECT k.grace_ends_at IS NOT NULL AS replaced FROM api_keys k WHERE k.id = ${caller.key.id} AND ${works(now)}`
    : sql`SELECT 0 AS replaced FROM tenants WHERE id = ${tenantId} AND removed_at IS NULL`;

export interface CallerNow {
  replaced: 0 | 1;
}

export const selectCaller = (permit: Permit<string>): Statement<CallerNow> =>
  statement<CallerNow>(callerNow(permit));

/** Whether the caller may manage keys: the guard of every write. */
export const mayManage = (permit: Permit<string>): SQL =>
  sql`EXISTS (SELECT 1 FROM (${callerNow(permit)}) WHERE NOT replaced)`;

/** Refuses a caller who may not manage keys, `row` being what `selectCaller` gave. */
export function refuseUnlessManaging({ caller }: Permit<string>, row: CallerNow | undefined): void {
  if (row?.replaced) throw new Refusal(replacedKey);
  if (row) return;
  if (caller.kind === 'key') throw unauthenticated(true);
  throw new Refusal(unknownTenant);
}

/** Whether key `k` has no scope that the caller lacks, and does not outlive it. */
export function withinCaller({ caller }: Permit<string>): SQL {
  if (caller.kind !== 'key') return sql`1`;
  const { scopes, expiresAt } = caller.key;
  return sql`(NOT EXISTS (
      SELECT 1 FROM json_each(k.scopes) WHERE value NOT IN (SELECT value FROM json_each(${JSON.stringify(scopes)})))
    AND (${expiresAt} IS NULL OR k.expires_at IS NOT NULL AND k.expires_at <= ${expiresAt}))`;
}

/** Refuses, at `path`, what would give more than the calling key has; memory and D1 are both asked. */
export function refuseBeyondCaller(
  { caller }: Permit<string>,
  { scopes, expiresAt }: { scopes: readonly Scope[]; expiresAt: number | null },
): void {
  if (caller.kind !== 'key') return;
  const { key } = caller;
  if (key.inGrace) throw new Refusal(replacedKey);
  const complaints: Complaint[] = [];
  const missing = scopes.filter((scope) => !key.scopes.includes(scope));
  if (missing.length > 0) {
    complaints.push({
      code: 'FORBIDDEN',
      path: ['scopes'],
      message: `Your key cannot give what it does not have: ${missing.join(', ')}.`,
    });
  }
  if (key.expiresAt !== null && (expiresAt === null || expiresAt > key.expiresAt)) {
    complaints.push({
      code: 'FORBIDDEN',
      path: ['expiresAt'],
      message: `The new key cannot outlive yours: end it by ${new Date(key.expiresAt).toISOString()}.`,
    });
  }
  refuseAny(complaints);
}
