/**
 * What other Workers of the account may ask, for `wrangler types` in their projects. It stands
 * alone: it imports no file of ours, so that theirs compile without our sources and settings.
 * `test/types/token-authority.ts` holds it true.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';

export interface RpcOptions {
  /** Only this tenant's sessions are known; without it, any tenant's, and the caller compares. */
  tenant?: string | number;
  /** `strict` asks D1 and not the copies. */
  consistency?: 'fast' | 'strict';
}

/** The words of `/verify`: at most one of `device`, `meter` and `station`. */
export interface RpcQuestion extends RpcOptions {
  device?: string;
  meter?: string;
  station?: string | number;
  permission?: 'VIEW' | 'CHARGE';
}

interface Answered {
  /**
   * The answer is given without the truth, which could not be reached. `unconfirmed`: a copy was
   * believed past its time, or a no in it. `unrenewed`: a renewal that the token needed could not
   * be written.
   */
  degraded?: 'unconfirmed' | 'unrenewed';
}

/** The token is good, and its user may do what was asked. */
export interface Allowed extends Answered {
  kind: 'allowed';
  user: string;
  /** Null for a member. */
  externalId: string | null;
  tenant: string;
  /** RFC 3339, UTC. */
  expiresAt: string;
  /** What was checked: the id, also where the meter was named. */
  device?: string;
  station?: string;
  permission?: 'VIEW' | 'CHARGE';
}

/** The token is good, and its user may not do what was asked. */
export interface Denied extends Answered {
  kind: 'denied';
  message: string;
}

/** No live session's token. */
export interface Unknown extends Answered {
  kind: 'unknown';
}

/** No store that may say so can; ask again after so many seconds. */
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
  /** The user's `externalId`; a member's e-mail address. */
  username: string;
  token_type: 'Bearer';
  /** Epoch seconds. */
  iat: number;
  exp: number;
}

export interface Inactive extends Answered {
  kind: 'inactive';
  active: false;
}

export type Introspected = Active | Inactive | Unavailable;

/** For a service binding with this entrypoint. No answer is a throw. */
export declare class TokenAuthority extends WorkerEntrypoint<unknown> {
  /** Is this token good, and may its user do what is asked? As `/verify`. */
  verify(token: string, question?: RpcQuestion): Promise<Verified>;

  /** Whose token is this? As `/introspect`. */
  introspect(token: string, options?: RpcOptions): Promise<Introspected>;
}

/** All that is served over HTTP. */
declare const latchkey: ExportedHandler;
export default latchkey;
