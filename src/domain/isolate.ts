/** What one isolate remembers from request to request, and what its requests wait for together. */
import type { MetadataJson } from 'libphonenumber-js/core/es6';
import type { Asset } from '../base/asset.ts';
import type { Memory } from '../base/memory.ts';
import type { Questions } from '../base/questions.ts';
import type { Turns } from '../base/turns.ts';
import type { Watch } from '../base/watch.ts';
import type { DatabaseSize } from '../db/size.ts';
import type { ApiKeyHolder, SessionCredential } from './credentials.ts';
import type { Granted, Question, SessionRecord } from './entities/session.ts';
import type { Level } from './entities/user.ts';

/** What is known of a session. */
export interface Known {
  record: SessionRecord;
  /** Whether D1 told this isolate; else KV did, whose copy must be young enough. */
  fromD1: boolean;
  /** D1 told that it lives, and could not write its renewal. */
  unrenewed?: boolean;
  /** What the edge says of it, made once. */
  said?: Record<string, string>;
}

/** `ended` when D1 said that a session is no more, or never was. */
export type Remembered = Known | 'ended';

/** What may be asked of a session; `copy`: what KV said of it, as far as that was asked. */
export type Part = { copy: SessionRecord | null } | Named | undefined;

/** The truth of a record, and whether D1 could not write the renewal that goes with it. */
export interface Told {
  record: SessionRecord | null;
  unrenewed?: boolean | undefined;
}

export type Answer =
  | (Told & { kind: 'record' })
  | { kind: 'presented'; presented: Presented | null }
  | { kind: 'granted'; granted: Granted | undefined };

/** A question about a user. */
export interface Named {
  userId: number;
  tenantId: number;
  question: Question;
}

/** The live session that a token is of, as D1 has it, and the hash that proves the token. */
export interface Presented extends SessionCredential {
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
  sessions: Memory<Remembered>;
  /** Over reads of KV. */
  watch: Watch;
  /**
   * Session ids that D1 was asked about in doubt within the last five seconds, and whether it
   * answered.
   */
  asked: Memory<'answered' | 'unanswered'>;
  /** What requests are asking D1 about sessions, and about API keys. */
  questions: Questions<Part, Answer>;
  keyQuestions: Questions<undefined, { holder: ApiKeyHolder | null }>;
  /** What requests are ending. */
  endings: Questions<undefined, boolean>;
  /** For which tenant a token was revoked a moment ago, and its hash, by its session's id. */
  revoked: Memory<string>;
  /** Session ids whose renewal was tried within the last minute. */
  renewals: Memory<true>;
  /** The tenants of sessions and keys, by their ids. */
  tenants: Memory<number>;
  /** Credentials and tenants, by their ids, that asked for too much a moment ago. */
  limited: Memory<true>;
  /** How far each tenant has come, by its id. */
  lanes: Memory<Lane>;
  /** By key id, for at most 30 s; null: D1 knows no such key. */
  apiKeys: Memory<ApiKeyHolder | null>;
  /** Of the database, as D1 last told it. */
  size: DatabaseSize;
  /** At hashing passwords. */
  hashing: Turns;
  /** What the Worker does not carry, once it was needed. */
  numberingPlans: Asset<MetadataJson>;
  commonPasswords: Asset<ReadonlySet<string>>;
}

/** What one tenant has taken of what it may ask for, in units. */
export interface Lane {
  /** When all of it is worked off, in epoch milliseconds. */
  freeAt: number;
  /** What is not counted yet against the tenant's limit. */
  uncounted: number;
  /** What it asked for of late, in units that fade. */
  asked: number;
  /** When that was noted, in epoch milliseconds. */
  askedAt: number;
}
