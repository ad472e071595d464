/** The schema builder, and how fields declare their actions. */
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
   * The cost limit of the document and, once known, its cost, its refused mutations, and the space
   * left for them in the response.
   */
  account: {
    maxCost: number;
    cost?: Cost;
    room?: AnswerBudget;
    refused: Refused[];
    /** For queries: what was not found, with suggestions. */
    hints: Refused[];
    /** Charges units to the tenant. Throws LIMITED. */
    charge(units: number): Promise<void>;
  };
}

/**
 * The description of an `id` that no call accepts. Ids are unique across types, since some clients
 * cache all objects in one table.
 */
export const FOR_CACHES = 'For client caches: unique across all types. Do not parse it.';

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
 * The action of a field, or a function from its arguments and the names of the fields below it. All
 * actions of a document are authorized before any runs.
 */
export type FieldAction<A extends Action = Action, Args = Record<string, unknown>> =
  | A
  | ((args: Args, asked?: Iterable<string>) => A);

/** For a field that is authorized but has no verb of its own. */
export const action = (name: Action): { action: FieldAction } => ({ action: name });

builder.queryType({ description: 'What can be read.' });
builder.mutationType({
  description:
    'What can be changed. Each mutation takes one `input` and returns `success` and ' +
    '`errors`. If it fails, nothing has changed. Mutations are idempotent unless their ' +
    'description says otherwise: repeating one succeeds and changes nothing.',
});
