/** The highest cost of a document, computed before any of it runs. */
import {
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  getArgumentValues,
  getNamedType,
  getNullableType,
  getOperationAST,
  isListType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { fragment } from './authorization.ts';
import { isIntrospection } from './introspection.ts';
import type { Cost, Operation, Variables } from './operation.ts';
import { namesIn } from './selections.ts';

/**
 * The most items in a list: a number, or a function of the number of items in the call's input.
 * Lists with a `first`, and those of a connection, are as long as that says. All others declare it
 * in `extensions`.
 */
export type MaxItems = number | ((brought: number) => number);

export const maxItems = (most: MaxItems): { most: MaxItems } => ({ most });

/** The length of a list with one item for each item in the call's input. */
export const perInputItem = (brought: number): number => brought;

/** The assumed length of a list that does not declare it. */
const UNKNOWN = 1_000;
/** A plain value in a list has no name in the response. So many count as one field. */
const PLAIN_VALUES = 4;

/** How many items are in the lists of an input. */
function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + 1 + sizeOf(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, item) => sum + sizeOf(item), 0);
}

export const isConnection = ({ name }: GraphQLObjectType): boolean => name.endsWith('Connection');

/**
 * How often the selection of a field may repeat. The lists of a connection are as long as its
 * `first`.
 */
function timesOf(
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLObjectType,
  { first }: Record<string, unknown>,
  brought: number,
): number {
  if (typeof first === 'number') return Math.max(1, first);
  if (!isListType(getNullableType(field.type)) || isConnection(parent)) return 1;
  const { most = UNKNOWN } = field.extensions as { most?: MaxItems };
  return typeof most === 'number' ? most : most(brought);
}

/**
 * The cost of an operation: one for each field, times its repetitions, plus one for each item in
 * the input.
 */
function costOf(operation: Operation, variables: Variables): number {
  /** By the size of the input of the call above. */
  const known = new Map<SelectionSetNode, Map<number, number>>();

  function ofField(node: FieldNode, parent: GraphQLObjectType, above: number): number {
    const field = operation.schema.getField(parent, node.name.value);
    if (!field || isIntrospection(node)) return 0;
    const args = getArgumentValues(field, node, variables);
    const brought = sizeOf(args);
    const type = getNamedType(field.type);
    const times = timesOf(field, parent, args, above);
    if (!node.selectionSet || !isObjectType(type)) {
      const isList = isListType(getNullableType(field.type));
      return 1 + brought + (isList ? Math.ceil(times / PLAIN_VALUES) : 0);
    }
    return 1 + brought + times * ofSelections(node.selectionSet, type, brought);
  }

  /** The cost of a selection. It is computed once, even if fragments lead to it repeatedly. */
  function ofSelections(
    selections: SelectionSetNode,
    parent: GraphQLObjectType,
    above: number,
  ): number {
    const costs = known.get(selections) ?? new Map<number, number>();
    known.set(selections, costs);
    const cost = costs.get(above) ?? ofScope(selections, parent, above, new Set());
    costs.set(above, cost);
    return cost;
  }

  /** A fragment that is spread again in the same place costs nothing more. */
  function ofScope(
    selections: SelectionSetNode,
    parent: GraphQLObjectType,
    above: number,
    spread: Set<SelectionSetNode>,
  ): number {
    if (spread.has(selections)) return 0;
    spread.add(selections);
    let cost = 0;
    for (const node of selections.selections) {
      if (node.kind === Kind.FIELD) {
        cost += ofField(node, parent, above);
        continue;
      }
      const inner =
        node.kind === Kind.INLINE_FRAGMENT ? node : fragment(operation.document, node.name.value);
      if (inner) cost += ofScope(inner.selectionSet, parent, above, spread);
    }
    return cost;
  }

  const wanted = getOperationAST(operation.document, operation.operationName);
  const root = wanted && operation.schema.getRootType(wanted.operation);
  return wanted && root ? ofSelections(wanted.selectionSet, root, 0) : 0;
}

/** So much cost is one unit of a tenant's limit: about the cost of a call without its fields. */
const COST_OF_A_UNIT = 500;

/**
 * The units of a document besides the call itself: for its cost, and for each further mutation,
 * which has its own round trip.
 */
export function unitsOf({ document, operationName }: Operation, { requested }: Cost): number {
  const wanted = getOperationAST(document, operationName);
  const changes =
    wanted?.operation === OperationTypeNode.MUTATION
      ? [...namesIn(wanted.selectionSet, (name) => fragment(document, name))].length
      : 0;
  return Math.max(0, changes - 1) + Math.floor(requested / COST_OF_A_UNIT);
}

/** The cost of an operation. Throws if it is more than `maximum`. */
export function assertAffordable(
  operation: Operation,
  variables: Variables,
  maximum: number,
): Cost {
  const requested = costOf(operation, variables);
  if (requested <= maximum) return { requested, maximum };
  throw new GraphQLError(
    `This document may cost ${requested}, and ${maximum} is the most. Ask for shorter lists, ` +
      'or for fewer fields of each item.',
    {
      extensions: {
        code: 'GRAPHQL_VALIDATION_FAILED',
        cost: { requested, maximum },
        http: { status: 400, spec: true },
      },
    },
  );
}
