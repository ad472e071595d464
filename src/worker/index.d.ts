/**
 * The RPC interface for other Workers of the account, for `wrangler types` in their projects. It
 * imports no file of ours, so that theirs compile without our sources and settings.
 * `test/types/token-authority.ts` keeps it up to date.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';

export interface RpcOptions {
  /**
   * Only sessions of this tenant are accepted. Left out: of any tenant, and the caller must
   * compare.
   */
  tenant?: string | number;
  /** `strict` asks D1 instead of the copies. */
  consistency?: 'fast' | 'strict';
}

/** The parameters of `/verify`: at most one of `device`, `meter` and `station`. */
export interface RpcQuestion extends RpcOptions {
  device?: string;
  meter?: string;
  station?: string | number;
  permission?: 'VIEW' | 'CHARGE';
}

interface Answered {
  /**
   * D1, the source of truth, could not be reached. `unconfirmed`: a copy past its time, or a denial
   * from a copy, was used. `unrenewed`: a due renewal of the session could not be written.
   */
  degraded?: 'unconfirmed' | 'unrenewed';
}

/** The token is valid, and its user may do what was asked. */
export interface Allowed extends Answered {
  kind: 'allowed';
  user: string;
  /** Null for a member. */
  externalId: string | null;
  tenant: string;
  /** RFC 3339, UTC. */
  expiresAt: string;
  /**
   * Only of a support session: who acts for the user. It is your own name for them, or a member's
   * user id.
   */
  actor?: string;
  /** The id that was checked, even if the question named the meter. */
  device?: string;
  station?: string;
  permission?: 'VIEW' | 'CHARGE';
}

/** The token is valid, but its user may not do what was asked. */
export interface Denied extends Answered {
  kind: 'denied';
  message: string;
}

/** The token belongs to no live session. */
export interface Unknown extends Answered {
  kind: 'unknown';
}

/** Neither a copy nor D1 could answer. Ask again after so many seconds. */
export interface Unavailable {
  kind: 'unavailable';
  retryAfter: number;
}

export type Verified = Allowed | Denied | Unknown | Unavailable;

/** RFC 7662, section 2.2. */
export interface Active extends Answered {
  kind: 'active';
  active: true;
  /** The user's id. */
  sub: string;
  /** The tenant's id. */
  client_id: string;
  /** The user's `externalId`, or a member's e-mail address. */
  username: string;
  token_type: 'Bearer';
  /** Epoch seconds. */
  iat: number;
  exp: number;
  /** Only of a support session: who acts for the user (RFC 8693, section 4.1). */
  act?: { sub: string };
}

export interface Inactive extends Answered {
  kind: 'inactive';
  active: false;
}

export type Introspected = Active | Inactive | Unavailable;

/** For a service binding with this entrypoint. It never throws. */
export declare class TokenAuthority extends WorkerEntrypoint<unknown> {
  /** Is this token valid, and may its user do what is asked? Like `/verify`. */
  verify(token: string, question?: RpcQuestion): Promise<Verified>;

  /** Whose token is this? Like `/introspect`. */
  introspect(token: string, options?: RpcOptions): Promise<Introspected>;
}

/** Everything that is served over HTTP. */
declare const latchkey: ExportedHandler;
export default latchkey;
