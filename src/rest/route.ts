/** A route of the company API: its path, its action and its response. */
import type * as v from 'valibot';
import type { ObjectSchema } from '../base/fields.ts';
import type { InTurn } from '../base/wait-queue.ts';
import type { Permit } from '../domain/permit.ts';
import type { Action } from '../policy/rules.ts';

/** What bounds attempts with a password. */
export interface Bounds {
  /** Where the caller is: see `networkOf`. */
  network: string;
  /** Throws LIMITED if there were too many password attempts from the caller's network … */
  limitAddress(): Promise<void>;
  /** … or from there for one account. */
  limitAccount(account: string): Promise<void>;
  /** Queues the hashing of a password. Check the limits before. */
  inTurn: InTurn;
  /** Where the console is. Null: this deployment has none. */
  consoleAt: string | null;
}

/** The input of a route. The verbs parse it. */
export interface RouteInput extends Bounds {
  /** The id in the path. If it is invalid: an id that nothing has. */
  id: number;
  body: unknown;
  query: unknown;
}

/** An action that some calls need besides: by the fields of the body. */
type Also = (body: Record<string, unknown>) => Action | undefined;

interface Declared {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** In Hono's notation. Its parameter, if any, is `:id`. */
  path: string;
  /** Names the operation in the reference. */
  name: string;
  tag: 'Signing in' | 'Users' | 'Projects' | 'Stations' | 'Sensors and channels' | 'Field';
  summary: string;
  body?: ObjectSchema;
  query?: ObjectSchema;
  /** The status of an answer, if it is not 200. */
  status?: 202;
  /** The meaning of a status here, if it differs from the usual one. */
  meanings?: Partial<Record<400 | 403 | 422, string>>;
  /** Statuses beyond those that every such route has. */
  refusals?: readonly (400 | 403 | 409 | 422 | 429)[];
}

export interface Route extends Declared {
  action: Action;
  also?: Also;
  data: ObjectSchema;
  /** Authorizes the caller, or throws. Returns what responds to the request. */
  authorize(permitFor: PermitFor): (asked: RouteInput) => Promise<object>;
}

/** Gives the Permit for an action, or throws. */
type PermitFor = <A extends Action>(action: A) => Permit<A>;

/**
 * Declares a route. The type of the Permit follows from its action, and the type of the response
 * from the schema in the reference.
 *
 * `answer` is a property, not a method. In a method, the compiler would accept too narrow
 * parameters.
 */
export const route = <A extends Action, Data extends ObjectSchema>({
  answer,
  ...declared
}: Declared & {
  action: A;
  also?: Also;
  data: Data;
  answer: (permit: Permit<A>, asked: RouteInput) => Promise<v.InferOutput<Data>>;
}): Route => ({
  ...declared,
  authorize(permitFor) {
    const permit = permitFor(declared.action);
    return (asked) => answer(permit, asked);
  },
});
