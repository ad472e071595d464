/** What one isolate keeps from request to request, and what its requests wait for together. */
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

/** What is known of a session. */
export interface CachedRecord {
  record: SessionRecord;
  /** Whether D1 told this isolate; else KV did, whose copy must be young enough. */
  fromD1: boolean;
  /** D1 told that it lives, and could not write its renewal. */
  unrenewed?: boolean;
  /** What the edge says of it, made once. */
  headers?: Record<string, string>;
}

/** `ended` when D1 said that a session is no more, or never was. */
export type CachedSession = CachedRecord | 'ended';

/** What may be asked of a session; `copy`: what KV said of it, as far as that was asked. */
export type Part = { copy: SessionRecord | null } | UserQuestion | undefined;

/** The truth of a record, and whether D1 could not write the renewal that goes with it. */
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

/** The live session that a token is of, as D1 has it, and the hash that proves the token. */
export interface TokenSession extends SessionCredential {
  hash: string;
  tenantId: number;
  /** Null for an end user. */
  level: Level | null;
}

/** Plain values, never anything bound to a request's I/O. */
export interface Isolate {
  /**
   * Sessions by id, and by token once that has proved good: live ones for at most 25 s, ended ones
   * for 90 s.
   */
  sessions: TtlCache<CachedSession>;
  /** Over reads of KV. */
  kvTimer: SharedTimer;
  /**
   * Session ids that D1 was asked about in doubt within the last five seconds, and whether it
   * answered.
   */
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
  numberingPlans: Asset<MetadataJson>;
  commonPasswords: Asset<ReadonlySet<string>>;
}

/** What one tenant has taken of what it may ask for, in units. */
export interface Throttle {
  /** When all of it is worked off, in epoch milliseconds. */
  freeAt: number;
  /** What is not counted yet against the tenant's limit. */
  uncounted: number;
  /** What it asked for of late, in units that fade. */
  asked: number;
  /** When that was noted, in epoch milliseconds. */
  askedAt: number;
  /** Since when it floods, in epoch milliseconds; null: it does not. */
  floodsSince: number | null;
}
