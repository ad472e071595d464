/** What a mutation is: from its action and its input to its verb and what it answers. */
import type { InputFieldMap, InputShapeFromFields, ObjectFieldsShape } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Complaint } from '../base/faults.ts';
import type { Action } from '../policy/rules.ts';
import { builder, type Context, type FieldAction, type Types } from './builder.ts';
import { forVerb, type PermitFor, type Without } from './guarded.ts';
import { type Input, inInput, inputOf, type Outcome, outcome, payload } from './payload.ts';
import { hint, noteRefusal } from './refusals.ts';

/** Adds a mutation, whose verb gets the Permit for its very action. */
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
    /** The input's field by which the operator names a tenant. The verb finds it in the Permit. */
    tenant?: Tenant;
    /** Its `hints` tell of a success what may not have been meant. */
    verb: (
      permit: PermitFor<A>,
      input: Without<InputShapeFromFields<Fields>, Tenant>,
    ) => Promise<Facts>;
    /** What the payload tells of what the verb answers. */
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
    // As in guarded.ts: Pothos's types cannot be followed through the generics.
    return t.field(field as never);
  });
}
