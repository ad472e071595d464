/**
 * The Permit: what a verb needs before it acts. It proves that policy authorized the call, and
 * carries everything that the verb works with.
 */
import type { SQL } from 'drizzle-orm';
import type { Assets } from '../base/asset.ts';
import { changeId } from '../base/ids.ts';
import type { Issuer } from '../base/issuer.ts';
import type { RelyingParty } from '../base/relying-party.ts';
import type { Signer } from '../base/signer.ts';
import type { WebhookUrlRules } from '../base/webhook-url.ts';
import type { Origin } from '../db/commit.ts';
import type { Database } from '../db/connect.ts';
import type { Actor, ActorKind, Caller } from './credentials.ts';
import type { Isolate } from './isolate.ts';

/**
 * How an answer may differ from D1. `unconfirmed`: a copy past its time, or a denial from a copy,
 * was used because D1 did not answer. `unrenewed`: D1 could not write the renewal that the
 * session's activity calls for.
 */
export type Degradation = 'unconfirmed' | 'unrenewed';

/** A message that the row with this id needs work. */
export interface Nudge {
  kind: 'withdrawal' | 'delivery';
  tenantId: number;
  id: string;
}

/** What sends mails, who they are from, and the origin of the links in them. */
export interface Mail {
  binding: Pick<SendEmail, 'send'>;
  from: string | EmailAddress;
  origin: string;
}

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
  /** Undefined: this deployment sends no mail. */
  mail: Mail | undefined;
  /** The Worker's static assets. */
  assets: Assets;
  /** What this invocation may still do, of what the platform allows: `writes` to KV. */
  budget: { writes: number };
  /** The browser and system of the request, such as `Firefox on Windows`. Null: unknown. */
  client: string | null;
  isolate: Isolate;
  issuer: Issuer;
  /** Of webhooks: what their secrets derive from, and where they may lead. */
  signer: Signer;
  webhookUrls: WebhookUrlRules;
  /** For whom passkeys are. Null: there are none here. */
  relyingParty: RelyingParty | null;
  /** Marks the answer as not confirmed by D1, in a header and in the log. */
  degrade(how: Degradation): void;
  /** Runs work after the response. It starts when the response is made. */
  defer(work: () => Promise<unknown>): void;
}

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
 *
 * Every verb that takes one throws a Refusal: INVALID for invalid input, with the field's path, and
 * UNAVAILABLE if D1 does not answer. A verb that changes something also throws UNAUTHENTICATED if
 * the credential has ended meanwhile, and QUOTA if a limit of the tenant is reached. A verb names
 * its other faults itself. Times are in epoch milliseconds.
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

/** The origin of a change that the system makes. */
export const bySystem = ({ now, requestId }: Call, tenantId: number): Origin => ({
  ...{ tenantId, now, requestId, change: changeId(now) },
  actor: { kind: 'SYSTEM' satisfies ActorKind, id: null, userId: null },
});
