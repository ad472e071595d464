/**
 * Fields with an action. Each names its action once, for the authorization of the document and for
 * the Permit of its verb.
 */
import type {
  FieldNullability,
  FieldRef,
  InputFieldMap,
  InputShapeFromFields,
  MaybePromise,
  RootFieldBuilder,
  ShapeFromTypeParam,
  TypeParam,
} from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Permit } from '../domain/permit.ts';
import { authorize, type NamedTenant } from '../policy/authorize.ts';
import type { Action } from '../policy/rules.ts';
import type { Context, FieldAction, Types } from './builder.ts';
import { namesIn } from './selections.ts';

/** The Permit for an action. If several are possible, `action` tells which one it is. */
export type PermitFor<A extends Action> = A extends Action ? Permit<A> : never;

/** The input of a call, without the tenant that an operator's call names. */
export type Without<Given, Tenant> = [Tenant] extends [never]
  ? Given
  : Omit<Given, Tenant & keyof Given>;

function* askedOf({ fieldNodes, fragments }: GraphQLResolveInfo): Generator<string> {
  for (const { selectionSet } of fieldNodes) {
    yield* namesIn(selectionSet, (name) => fragments[name]);
  }
}

/**
 * The arguments of a verb: the Permit for the field's action, and the input. Throws what
 * `authorize` throws.
 */
export function forVerb<A extends Action, Args, Given extends object, Tenant extends string>(
  { action, tenant }: { action: FieldAction<A, Args>; tenant?: Tenant | undefined },
  [args, given]: [Args, Given],
  { call, caller }: Context,
  info: GraphQLResolveInfo,
): [PermitFor<A>, Without<Given, Tenant>] {
  const name = typeof action === 'function' ? action(args, askedOf(info)) : action;
  const permitNaming = (named?: NamedTenant) =>
    authorize(call, caller, name, named) as PermitFor<A>;
  if (tenant === undefined) return [permitNaming(), given as Without<Given, Tenant>];
  const { [tenant as string]: id, ...rest } = given as Record<string, string>;
  return [permitNaming({ field: tenant, id }), rest as Without<Given, Tenant>];
}

/** Declares a field whose verb gets the Permit for its action. */
export function guarded<
  Shape,
  Kind extends 'Query' | 'Object',
  A extends Action,
  Type extends TypeParam<Types>,
  Nullable extends FieldNullability<Type> = false,
  Args extends InputFieldMap = Record<never, never>,
  Tenant extends string & keyof Args = never,
>(
  t: RootFieldBuilder<Types, Shape, Kind>,
  {
    action,
    tenant,
    verb,
    extensions,
    ...field
  }: {
    type: Type;
    nullable?: Nullable;
    description: string;
    extensions?: object;
    args?: Args;
    action: FieldAction<A, InputShapeFromFields<Args>>;
    /** The argument in which the operator names a tenant. The verb finds it in the Permit. */
    tenant?: Tenant;
    verb: (
      permit: PermitFor<A>,
      args: Without<InputShapeFromFields<Args>, Tenant>,
      parent: Shape,
      context: Context,
      info: GraphQLResolveInfo,
    ) => MaybePromise<ShapeFromTypeParam<Types, Type, Nullable>>;
  },
): FieldRef<Types, ShapeFromTypeParam<Types, Type, Nullable>, Kind> {
  const resolve = (
    parent: Shape,
    args: InputShapeFromFields<Args>,
    context: Context,
    info: GraphQLResolveInfo,
  ) => verb(...forVerb({ action, tenant }, [args, args], context, info), parent, context, info);
  // The types above match those of Pothos, which cannot be inferred through the generics.
  return t.field({ ...field, extensions: { ...extensions, action }, resolve } as never);
}
