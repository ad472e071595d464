/** What a verb must be given before it acts: proof that policy allowed it, and all that it acts with. */

import type { SQL } from 'drizzle-orm';
import type { Asset, Assets } from '../base/asset.ts';
import type { Issuer } from '../base/issuer.ts';
import type { SharedTimer } from '../base/shared-timer.ts';
import type { Signer } from '../base/signer.ts';
import type { SingleFlight } from '../base/single-flight.ts';
import type { TtlCache } from '../base/ttl-cache.ts';
import type { WaitQueue } from '../base/wait-queue.ts';
import type { WebhookUrlRules } from '../base/webhook-url.ts';
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
  'webhooks:write',
  'introspect',
] as const;
export type Scope = (typeof SCOPES)[number];

/** What one isolate remembers from request to request: plain values, never anything bound to a request's I/O. */
export interface Isolate {
  /** Sessions by id, and by token once that has proved good: live ones for at most 25 s, ended ones for 90 s. */
  sessions: TtlCache<CachedSession>;
  /** Over reads of KV. */
  kvTimer: SharedTimer;
  /** Session ids that D1 was asked about in doubt within the last five seconds, and whether it answered. */
  recentlyAsked: TtlCache<'answered' | 'unanswered'>;
  /** What requests are asking D1 about sessions, and about API keys. */
  sessionReads: SingleFlight<Part, Answer>;
  keyReads: SingleFlight<undefined, { holder: ApiKeyHolder | null }>;
  /** What requests are ending. */
  endings: SingleFlight<undefined, boolean>;
  /** For which tenant a token was revoked a moment ago, and its hash, by its session's id. */
  revoked: TtlCache<string>;
  /** Session ids whose renewal was tried within the last minute. */
  renewals: TtlCache<true>;
  /** The tenants of sessions and keys, by their ids. */
  tenants: TtlCache<number>;
  /** Credentials and tenants, by their ids, that asked for too much a moment ago. */
  limited: TtlCache<true>;
  /** How far each tenant has come, by its id. */
  throttles: TtlCache<Throttle>;
  /** By key id, for at most 30 s; null: D1 knows no such key. */
  apiKeys: TtlCache<ApiKeyHolder | null>;
  /** Of the database, as D1 last told it. */
  size: DatabaseSize;
  /** At hashing passwords. */
  hashing: WaitQueue;
  /** What the Worker does not carry, once it was needed. */
  numberingPlans: Asset<NumberingPlans>;
  commonPasswords: Asset<CommonPasswords>;
}

/** What one tenant has taken of what it may ask for, in units. */
export interface Throttle {
  /** When all of it is worked off, in epoch milliseconds. */
  freeAt: number;
  /** What is not counted yet against the tenant's limit. */
  uncounted: number;
  /** What it asked for of late, in units that fade, and when that was noted, in epoch milliseconds. */
  asked: number;
  askedAt: number;
  /** Since when it floods, in epoch milliseconds; null: it does not. */
  floodsSince: number | null;
}

/**
 * How an answer falls short of the truth. `unconfirmed`: a copy was believed past its time, or a deny in it, since D1
 * did not answer. `unrenewed`: D1 could not write the renewal that the session's activity calls for.
 */
export type Degradation = 'unconfirmed' | 'unrenewed';

/** What one request carries along, whoever is asking. */
export interface Call {
  requestId: string;
  /** Epoch milliseconds at which the request had wholly arrived: the only clock that rules are judged by. */
  now: number;
  db: Database;
  /** Copies of sessions, near the user. */
  kv: KVNamespace;
  /** What others are nudged by. */
  work: Pick<Queue<Nudge>, 'sendBatch'>;
  /** The Worker's own files. */
  assets: Assets;
  /** What this invocation may still do, of all that the platform grants one. */
  budget: { writes: number };
  isolate: Isolate;
  issuer: Issuer;
  /** Of webhooks: what their secrets derive from, and where they may lead. */
  signer: Signer;
  webhookUrls: WebhookUrlRules;
  /** Marks the answer as given without the truth: in a header, and in the log. */
  degrade(how: Degradation): void;
  /** Does work behind the answer: it starts when the answer is made. */
  defer(work: () => Promise<unknown>): void;
}

export interface ApiKeyCredential {
  id: string;
  /** The first key of its rotations. */
  rootId: string;
  scopes: readonly Scope[];
  expiresAt: number | null;
  /** Replaced by a successor, and working on for its grace only. */
  inGrace: boolean;
}

/** A key together with its tenant, as authentication reads them. */
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
  /** The key that opened it, by its root, or the reset token whose password did. */
  madeBy: string | null;
  renewAfter: number;
}

/** Of a member: 1 has the most rights, 4 the least. */
export type Level = 1 | 2 | 3 | 4;

/** Who is asking. The tenant comes from the credential and from nowhere else. */
export type Caller =
  | { kind: 'guest' }
  | { kind: 'operator' }
  | { kind: 'key'; tenantId: number; tenantName: string; key: ApiKeyCredential }
  | { kind: 'member'; tenantId: number; session: SessionCredential; level: Level }
  | { kind: 'endUser'; tenantId: number; session: SessionCredential };

/** How the audit trail calls them. */
export type ActorKind = 'OPERATOR' | 'API_KEY' | 'MEMBER' | 'END_USER' | 'SYSTEM';

/** Who acts: by which credential, as its public id, and which user. */
export interface Actor {
  kind: ActorKind;
  id: string | null;
  userId: number | null;
}

/** No tenant has this id: what is looked up under it is not found. */
export const NO_TENANT = 0;
/** What a thing lies in, as the path that names it has it: elsewhere it is not found. */
export interface PathParents {
  project?: number;
  station?: number;
  sensor?: number;
}

declare const authorized: unique symbol;

/**
 * Proof that the caller may do `Action`, which only `policy/` can make: a domain verb that takes one cannot be
 * reached round the policy. Its tenant is the credential's, or the one that an operator's call names.
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
   * The same, for a change that ends something where `condition` holds as it begins: then no limit of events stands in its
   * way, nor does a database that is nearly full.
   */
  endingIf(condition: SQL): Database;
}
