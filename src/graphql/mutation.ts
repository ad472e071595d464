/** Declares mutations: action, input, verb and payload. */
import type { InputFieldMap, InputShapeFromFields, ObjectFieldsShape } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Complaint } from '../base/faults.ts';
import type { Action } from '../policy/rules.ts';
import { builder, type Context, type FieldAction, type Types } from './builder.ts';
import { forVerb, type PermitFor, type Without } from './guarded.ts';
import { type Input, inInput, inputOf, type Outcome, outcome, payload } from './payload.ts';
import { hint, noteRefusal } from './refusals.ts';

/** Adds a mutation whose verb gets the Permit for its action. */
export function mutation<
  A extends Action,
  Fields extends InputFieldMap,
  Facts extends object & { hints?: readonly Complaint[] },
  Tenant extends string & keyof InputShapeFromFields<Fields> = never,
>(
  name: string,
  declared: {
    action: FieldAction<A, { input: InputShapeFromFields<Fields> }>;
    description: string;
    input: Input<Fields>;
    /** The input field in which the operator names a tenant. The verb finds it in the Permit. */
    tenant?: Tenant;
    /** The verb. With a success, its `hints` point out what may be a mistake. */
    verb: (
      permit: PermitFor<A>,
      input: Without<InputShapeFromFields<Fields>, Tenant>,
    ) => Promise<Facts>;
    /** The payload's fields from the verb's result. */
    payload: ObjectFieldsShape<Types, Outcome<Facts>>;
  },
): void {
  const { action, description, verb } = declared;
  const type = payload(name, declared.payload);
  const input = inputOf(name, declared.input);
  builder.mutationField(name, (t) => {
    const field = {
      type,
      nullable: true,
      description,
      extensions: { action },
      args: { input: t.arg(input) },
      resolve: async (
        _: object,
        args: { input: InputShapeFromFields<Fields> },
        context: Context,
        info: GraphQLResolveInfo,
      ) => {
        const done = await outcome(() =>
          verb(...forVerb(declared, [args, args.input], context, info)),
        );
        noteRefusal(context, info, done.errors);
        hint(context, info, (done.hints ?? []).map(inInput));
        return done;
      },
    };
    // As in guarded.ts: the types of Pothos cannot be inferred through the generics.
    return t.field(field as never);
  });
}
