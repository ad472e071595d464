/** What a verb must be given before it acts: proof that policy allowed it, and its means. */
import type { SQL } from 'drizzle-orm';
import type { Assets } from '../base/asset.ts';
import type { Issuer } from '../base/issuer.ts';
import type { Signer } from '../base/signer.ts';
import type { WebhookUrlRules } from '../base/webhook-url.ts';
import type { Origin } from '../db/commit.ts';
import type { Database } from '../db/connect.ts';
import type { Actor, Caller } from './credentials.ts';
import type { Isolate } from './isolate.ts';

/**
 * How an answer falls short of the truth. `unconfirmed`: a copy was believed past its time, or a
 * deny in it, since D1 did not answer. `unrenewed`: D1 could not write the renewal that the
 * session's activity calls for.
 */
export type Degradation = 'unconfirmed' | 'unrenewed';

/** There is something to do for the row with this id. */
export interface Nudge {
  kind: 'withdrawal' | 'delivery';
  tenantId: number;
  id: string;
}

/** What one request carries along, whoever is asking. */
export interface Call {
  requestId: string;
  /**
   * When the request had wholly arrived, in epoch milliseconds: the only clock that rules are
   * judged by.
   */
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

/** What a thing lies in, as the path that names it has it: elsewhere it is not found. */
export interface PathParents {
  project?: number;
  station?: number;
  sensor?: number;
}

declare const authorized: unique symbol;

/**
 * Proof that the caller may do `Action`, which only `policy/` can make: a domain verb that takes
 * one cannot be reached round the policy. Its tenant is the credential's, or the one that an
 * operator's call names.
 *
 * Every verb that takes one throws a Refusal with INVALID for input that does not fit, naming the
 * field; UNAVAILABLE where D1 does not answer; and, where it changes something, UNAUTHENTICATED for
 * a credential that ended meanwhile and QUOTA where a limit of the tenant stands in the way. What
 * else one throws it says itself. Times are in epoch milliseconds.
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
   * The same, for a change that ends something where `condition` holds as it begins: then no limit
   * of events stands in its way, nor does a database that is nearly full.
   */
  endingIf(condition: SQL): Database;
}
