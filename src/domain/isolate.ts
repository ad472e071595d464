/** The memory of an isolate, shared by its requests, and the queries that they share. */
import type { MetadataJson } from 'libphonenumber-js/core/es6';
import type { Asset } from '../base/asset.ts';
import type { SharedTimer } from '../base/shared-timer.ts';
import type { SingleFlight } from '../base/single-flight.ts';
import type { TtlCache } from '../base/ttl-cache.ts';
import type { WaitQueue } from '../base/wait-queue.ts';
import type { DatabaseSize } from '../db/size.ts';
import type { ApiKeyHolder, SessionCredential } from './credentials.ts';
import type { Granted, Question, SessionRecord } from './entities/session.ts';
import type { Level } from './entities/user.ts';

/** A copy of a session record. */
export interface CachedRecord {
  record: SessionRecord;
  /** Whether it came from D1. Otherwise it came from KV, and the copy must be fresh enough. */
  fromD1: boolean;
  /** D1 confirmed the session but could not write its renewal. */
  unrenewed?: boolean;
  /** The response headers of `/verify`, created once. */
  headers?: Record<string, string>;
}

/** `ended` if D1 said that the session has ended or never existed. */
export type CachedSession = CachedRecord | 'ended';

/** What can be read about a session. `copy`: what KV said, if it was asked. */
export type Part = { copy: SessionRecord | null } | UserQuestion | undefined;

/** A record from D1, and whether D1 could not write its renewal. */
export interface RecordRead {
  record: SessionRecord | null;
  unrenewed?: boolean | undefined;
}

export type Answer =
  | (RecordRead & { kind: 'record' })
  | { kind: 'tokenSession'; tokenSession: TokenSession | null }
  | { kind: 'granted'; granted: Granted | undefined };

/** A question about a user. */
export interface UserQuestion {
  userId: number;
  tenantId: number;
  question: Question;
}

/** The live session of a token, from D1, and the hash that verifies the token. */
export interface TokenSession extends SessionCredential {
  hash: string;
  provedAt: number;
  tenantId: number;
  /** Null for an end user. */
  level: Level | null;
}

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
  /** How often a webhook was nudged within the last second, by its id. */
  nudged: TtlCache<{ times: number; until: number }>;
  /** The size of the database, as D1 last reported it. */
  size: DatabaseSize;
  /** The queue for hashing passwords. */
  hashing: WaitQueue;
  /** The page of the console, and tables that are not in the bundle, once they are loaded. */
  consolePage: Asset<string>;
  numberingPlans: Asset<MetadataJson>;
  commonPasswords: Asset<ReadonlySet<string>>;
}

/** What a tenant or session has taken of its rate, in units. */
export interface Throttle {
  /** When all of it is worked off, in epoch milliseconds. */
  freeAt: number;
  /** Units not counted yet against the tenant's limit. */
  uncounted: number;
  /** Recent demand in units, which fades. */
  asked: number;
  /** When the demand was noted, in epoch milliseconds. */
  askedAt: number;
  /** Whether it floods, and how many floods there were with this one. */
  isFlooding: boolean;
  floods: number;
}
