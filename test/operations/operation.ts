/**
 * What the table of operations says of each: who calls it, with what, and what comes of it. Every
 * suite that goes through all operations takes its cases from here.
 */
import type { AuditAction } from '../../src/db/events.ts';
import type { Scope } from '../../src/domain/entities/key.ts';
import type { Action } from '../../src/policy/rules.ts';

/** `session`: of an end user; `member`: a session of a member. */
export type Caller = 'key' | 'operator' | 'session' | 'member' | 'guest';

/** What calls are about. Each suite has one of each, in a tenant of its own. */
export interface Ids {
  tenantId: string;
  userId: string;
  externalId: string;
  /** A device of the tenant that the user may view and charge at, and its meter … */
  deviceId: string;
  meterId: string;
  /** … one that nobody may, one in stock, and one that nobody has heard of. */
  freeDeviceId: string;
  stockDeviceId: string;
  newDeviceId: string;
  /** An order that is placed, and one that is being processed. */
  orderId: string;
  processingOrderId: string;
  sessionId: string;
  accessToken: string;
  /** A key, and one that has made keys, sessions and members. */
  keyId: string;
  leakedKeyId: string;
  /** A webhook of events that no other operation writes, and a place in the feed. */
  webhookId: string;
  eventCursor: string;
}

/** What the path of a route is about, and what else belongs to it. */
export interface Things {
  /** A member's e-mail address and password. */
  login: { email: string; password: string };
  reset: { resetToken: string };
  /** A member of level 4, one of level 1, and one who has made others. */
  member: { id: number };
  officer: { id: number };
  maker: { id: number };
  project: { id: number };
  station: { id: number };
  sensor: { id: number };
  channel: { id: number };
}
export type Thing = keyof Things;

/** What a route is called with. What belongs to a thing is there where the route is about it. */
export interface On extends Record<'email' | 'password' | 'resetToken', string> {
  tenantId: string;
  /** A station that the caller may see. */
  stationId: number;
  /** Nobody else's name, code or address: 4 to 20 letters, digits and hyphens. */
  label: string;
  /** The caller's password, where it has one. */
  callerPassword?: string;
}

/** What comes of a call that changes something. */
export interface Outcome {
  /** What the same call does again, where that is not nothing, with the same answer. */
  again?: { makes: string } | { refused: string };
  /** The actions of its events, in the alphabet's order. Left out: one of its own action. */
  events?: readonly AuditAction[];
  /** It takes away what copies would go on giving. */
  withdraws?: true;
  /**
   * Its copies wait for the sweep where D1's answer to the change was lost: they could not be
   * published then, and the same call again finds nothing to change.
   */
  waitsForSweep?: true;
  /** It ends something or mends access: no limit stands in its way. */
  ends?: true;
  /** It changes nothing: it is answered in a full database too. */
  onlyAsks?: true;
  /** It makes room in a full database, by whoever runs that. */
  makesRoom?: true;
}

/** Suites that do not call an operation, each with the reason. */
export interface Without {
  without?: Partial<Record<'model' | 'faults' | 'room' | 'scale', string>>;
}

/** Another way to call an operation; what it does not say is as in the first. */
interface Way<Call> {
  ways?: Record<string, Call & Outcome>;
}

/** What a call costs. */
interface Cost {
  /** D1 round trips up to the answer. Left out: one, and another to know who holds a session. */
  trips?: number;
}

interface Called extends Cost {
  /** Who may call it, and first who does where it is to work. */
  by: readonly [Caller, ...Caller[]];
}

interface Mutation {
  /** What its `input` is. */
  input(ids: Ids): object;
}

export interface MutationOperation extends Called, Mutation, Outcome, Without, Way<Mutation> {
  /** The scopes without any one of which a key is refused. */
  scopes?: readonly Scope[];
  /** What is asked for besides `success` and `errors`. */
  answer?: string;
}

export interface QueryOperation extends Called, Without {
  scopes?: readonly Scope[];
  /** The field, with its arguments and what is asked for of it. */
  query(ids: Ids): string;
}

export type GraphqlOperation = MutationOperation | QueryOperation;

interface RouteCall {
  /** What `:id` in its path is the id of, or whose credential it takes. */
  about?: Thing;
  body?(on: On): object;
}

/** A route of the company API. Members call it, if nobody else is said to. */
export interface RestOperation
  extends Partial<Called>,
    RouteCall,
    Outcome,
    Without,
    Way<RouteCall> {
  query?: string;
}

interface EdgeCall {
  by?: Called['by'];
  /** In place of the path that is its name. */
  path?: string;
  headers?(ids: Ids): Record<string, string>;
}

/** A path beside the two APIs. What `events` are said of changes something; nothing else does. */
export interface EdgeOperation extends Called, Outcome, Without, EdgeCall, Way<EdgeCall> {
  by: Called['by'];
  /** Whose rule holds for keys. */
  action?: Action;
  /**
   * `question`: what `/verify` may be asked. `token`: a form with a token, whose client says who it
   * is in each way of OAuth. `document`: one of GraphQL.
   */
  takes?: 'question' | 'token' | 'document';
  query?(ids: Ids): Record<string, string>;
  /** A line of an import. */
  line?(ids: Ids): object;
  /** It is refused, whoever calls. */
  refused?: true;
  /** What is answered to whoever is known, and may not; else 401. */
  forbidden?: 403;
}
