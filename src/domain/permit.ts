/**
 * The Permit: what a verb needs before it acts. It proves that policy authorized the call, and
 * carries everything that the verb works with.
 */

import type { SQL } from 'drizzle-orm';
import type { Asset, Assets } from '../base/asset.ts';
import type { Issuer } from '../base/issuer.ts';
import type { SharedTimer } from '../base/shared-timer.ts';
import type { SingleFlight } from '../base/single-flight.ts';
import type { TtlCache } from '../base/ttl-cache.ts';
import type { WaitQueue } from '../base/wait-queue.ts';
import type { Origin } from '../db/commit.ts';
import type { Database } from '../db/connect.ts';
import type { DatabaseSize } from '../db/size.ts';
import type { CommonPasswords } from './members/password.ts';
import type { NumberingPlans } from './members/phone.ts';
import type { Nudge } from './nudge.ts';
import type { CachedSession } from './sessions/cache.ts';
import type { Answer, Part } from './sessions/source-of-truth.ts';

export const SCOPES = [
  'users:read',
  'users:write',
  'permissions:write',
  'sessions:write',
  'orders:read',
  'orders:write',
  'stations:read',
  'stations:write',
  'audit:read',
  'keys:write',
  'introspect',
] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * The memory of an isolate, shared by its requests. It holds plain values only, never anything
 * bound to the I/O of one request.
 */
export interface Isolate {
  /**
   * Sessions by id, and by token once the token is verified. Live ones for at most 25 s, ended ones
   * for 90 s.
   */
  sessions: TtlCache<CachedSession>;
  /** The timeout of KV reads. */
  kvTimer: SharedTimer;
  /**
   * Session ids about which D1 was asked within the last five seconds because a copy was in doubt,
   * and whether it answered.
   */
  recentlyAsked: TtlCache<'answered' | 'unanswered'>;
  /** Running queries to D1 about sessions, and about API keys. */
  sessionReads: SingleFlight<Part, Answer>;
  keyReads: SingleFlight<undefined, { holder: ApiKeyHolder | null }>;
  /** Sessions that are being ended. */
  endings: SingleFlight<undefined, boolean>;
  /** Tokens revoked a moment ago, by session id: the tenant and the hash. */
  revoked: TtlCache<string>;
  /** Session ids whose renewal was tried within the last minute. */
  renewals: TtlCache<true>;
  /** The tenants of sessions and keys, by the id of these. */
  tenants: TtlCache<number>;
  /** Credentials and tenants, by id, that were over their limit a moment ago. */
  limited: TtlCache<true>;
  /** The throttles of tenants and sessions, by id. */
  throttles: TtlCache<Throttle>;
  /** API keys by id, for at most 30 s. Null: D1 knows no such key. */
  apiKeys: TtlCache<ApiKeyHolder | null>;
  /** The size of the database, as D1 last reported it. */
  size: DatabaseSize;
  /** The queue for hashing passwords. */
  hashing: WaitQueue;
  /** Tables that are not in the bundle, once they are loaded. */
  numberingPlans: Asset<NumberingPlans>;
  commonPasswords: Asset<CommonPasswords>;
}

/** What a tenant or session has taken of its rate, in units. */
export interface Throttle {
  /** When all of it is worked off, in epoch milliseconds. */
  freeAt: number;
  /** Units not counted yet against the tenant's limit. */
  uncounted: number;
  /** Recent demand in units, which fades, and when it was noted, in epoch milliseconds. */
  asked: number;
  askedAt: number;
}

/**
 * How an answer may differ from D1. `unconfirmed`: a copy past its time, or a denial from a copy,
 * was used because D1 did not answer. `unrenewed`: D1 could not write the renewal that the
 * session's activity calls for.
 */
export type Degradation = 'unconfirmed' | 'unrenewed';

/** What a request carries through policy and domain, whoever is calling. */
export interface Call {
  requestId: string;
  /**
   * When the request had fully arrived, in epoch milliseconds. All rules are judged by this clock.
   */
  now: number;
  db: Database;
  /** KV: copies of sessions, near the user. */
  kv: KVNamespace;
  /** The queue for nudges. */
  work: Pick<Queue<Nudge>, 'sendBatch'>;
  /** The Worker's static assets. */
  assets: Assets;
  /** What this invocation may still do, of what the platform allows: `writes` to KV. */
  budget: { writes: number };
  isolate: Isolate;
  issuer: Issuer;
  /** Marks the answer as not confirmed by D1, in a header and in the log. */
  degrade(how: Degradation): void;
  /** Runs work after the response. It starts when the response is made. */
  defer(work: () => Promise<unknown>): void;
}

export interface ApiKeyCredential {
  id: string;
  /** The first key of its rotations. */
  rootId: string;
  scopes: readonly Scope[];
  expiresAt: number | null;
  /** Whether it was replaced and works only for its grace period. */
  inGrace: boolean;
}

/** An API key with its tenant, as authentication reads them. */
export interface ApiKeyHolder {
  key: ApiKeyCredential;
  hash: string;
  tenantId: number;
  tenantName: string;
  lastUsedAt: number | null;
}

export interface SessionCredential {
  id: string;
  userId: number;
  /** The root id of the key that opened it, or the reset token whose password did. */
  madeBy: string | null;
  renewAfter: number;
}

/** The level of a member: 1 has the most rights, 4 the least. */
export type Level = 1 | 2 | 3 | 4;

/** Who is calling. The tenant comes from the credential and from nowhere else. */
export type Caller =
  | { kind: 'guest' }
  | { kind: 'operator' }
  | { kind: 'key'; tenantId: number; tenantName: string; key: ApiKeyCredential }
  | { kind: 'member'; tenantId: number; session: SessionCredential; level: Level }
  | { kind: 'endUser'; tenantId: number; session: SessionCredential };

/** The kinds of actors in the audit trail. */
export type ActorKind = 'OPERATOR' | 'API_KEY' | 'MEMBER' | 'END_USER' | 'SYSTEM';

/** Who acts: the public id of the credential, and its user. */
export interface Actor {
  kind: ActorKind;
  id: string | null;
  userId: number | null;
}

/** No tenant has this id, so a look-up with it finds nothing. */
export const NO_TENANT = 0;
/** The parents that a path names. If the thing does not lie in them, it is not found. */
export interface PathParents {
  project?: number;
  station?: number;
  sensor?: number;
}

declare const authorized: unique symbol;

/**
 * Proof that the caller may do `Action`. Only `policy/` can make one, so a domain verb that takes
 * one cannot be called without authorization. The tenant is that of the credential, or the one that
 * the operator's call names.
 */
export interface Permit<Action extends string> extends Origin {
  readonly [authorized]: Action;
  readonly action: Action;
  readonly caller: Caller;
  readonly actor: Actor;
  readonly parents: PathParents;
  readonly call: Call;
  readonly db: Database;
  /**
   * The same database, for a change that ends something if `condition` holds when it begins. Then
   * neither the limit of events nor a nearly full database refuses it.
   */
  endingIf(condition: SQL): Database;
}
