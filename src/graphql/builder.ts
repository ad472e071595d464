/** The schema's builder, and how its fields say which action they are. */
import SchemaBuilder, { type ObjectRef } from '@pothos/core';
import type { Caller } from '../domain/credentials.ts';
import type { Call } from '../domain/permit.ts';
import type { Action } from '../policy/rules.ts';
import type { AnswerBudget, Refused } from './answer-budget.ts';
import type { Cost } from './operation.ts';

export interface Context {
  call: Call;
  caller: Caller;
  /** Whether introspection is open. */
  docs: boolean;
  /**
   * What the document may cost at most; once known, what it may cost, which of its mutations were refused, and the room
   * that these have left.
   */
  account: {
    maxCost: number;
    cost?: Cost;
    room?: AnswerBudget;
    refused: Refused[];
    /** Of queries: what was not found, and what may have been meant. */
    hints: Refused[];
    /** Counts units against the tenant's limit; throws LIMITED. */
    charge(units: number): Promise<void>;
  };
}

/** Of an `id` that no call takes. No two objects have the same, whatever their types: some clients keep all in one table. */
export const FOR_CACHES =
  'For clients that keep what they have read: no other object has the same. Not to be taken apart.';

interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string | number };
    DateTime: { Input: number; Output: number };
  };
}

export const builder = new SchemaBuilder<SchemaTypes>({ defaultFieldNullability: false });

export type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;
export type Ref<Shape> = ObjectRef<Types, Shape>;
export type FieldBuilder<Shape> = PothosSchemaTypes.ObjectFieldBuilder<Types, Shape>;

/**
 * The action that a field is, or how to tell from its arguments and from the names of the fields
 * that are asked for of it: every one in a document is checked before any runs.
 */
export type FieldAction<A extends Action = Action, Args = Record<string, unknown>> =
  | A
  | ((args: Args, asked?: Iterable<string>) => A);

/** For a field that is authorized, and that has no verb of its own. */
export const action = (name: Action): { action: FieldAction } => ({ action: name });

builder.queryType({ description: 'What can be read.' });
builder.mutationType({
  description:
    'What can be changed. Each mutation takes one `input` and answers with `success` and `errors`; on failure nothing has changed. Repeating a mutation is safe: what is already so is a success that modifies nothing.',
});
