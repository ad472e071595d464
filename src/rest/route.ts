/** What a route of the company API is: from its path and its action to what it answers. */
import type * as v from 'valibot';
import type { ObjectSchema } from '../base/fields.ts';
import type { InTurn } from '../base/wait-queue.ts';
import type { Permit } from '../domain/permit.ts';
import type { Action } from '../policy/rules.ts';

/** What was asked for, as it came: the verbs parse it. */
export interface RouteInput {
  /** Of the path. Where that holds no id: one that nothing has. */
  id: number;
  body: unknown;
  query: unknown;
  /** Throws LIMITED when passwords were tried too often from the caller's address … */
  limitAddress(): Promise<void>;
  /** … or from there for one account. */
  limitAccount(account: string): Promise<void>;
  /** Hashes a password in its turn. Limits are asked before. */
  inTurn: InTurn;
}

interface Declared {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** As Hono has paths; its parameter, if any, is `:id`. */
  path: string;
  /** Names the operation in the reference. */
  name: string;
  tag: 'Signing in' | 'Users' | 'Projects' | 'Stations' | 'Sensors and channels' | 'Field';
  summary: string;
  body?: ObjectSchema;
  query?: ObjectSchema;
  /** What a status means here, where that is more than it means elsewhere. */
  meanings?: Partial<Record<400 | 403 | 422, string>>;
  /** What can stand in the way besides what every such route has. */
  refusals?: readonly (400 | 409 | 422 | 429)[];
}

export interface Route extends Declared {
  action: Action;
  data: ObjectSchema;
  /** Authorizes the caller, or throws; then answers what was asked. */
  authorize(permitFor: PermitFor): (asked: RouteInput) => Promise<object>;
}

/** A Permit for an action, or a throw. */
type PermitFor = <A extends Action>(action: A) => Permit<A>;

/**
 * A route whose verb gets the Permit for its very action, and whose answer has the shape that the
 * reference shows. `answer` is a property, not a method: of a method the compiler would also take
 * parameters that are too narrow.
 */
export const route = <A extends Action, Data extends ObjectSchema>({
  answer,
  ...declared
}: Declared & {
  action: A;
  data: Data;
  answer: (permit: Permit<A>, asked: RouteInput) => Promise<v.InferOutput<Data>>;
}): Route => ({
  ...declared,
  authorize(permitFor) {
    const permit = permitFor(declared.action);
    return (asked) => answer(permit, asked);
  },
});
