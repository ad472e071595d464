/** What a document may cost at most, known before any of it runs. */
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
 * How many items a list may hold: so many, or a number that comes from how many things its call brought along. Lists
 * with a `first`, and those of a connection, are as long as that says; all others say it in `extensions`.
 */
export type MaxItems = number | ((brought: number) => number);

export const maxItems = (most: MaxItems): { most: MaxItems } => ({ most });

/** The length of a list that has an item for each thing that its call brought along. */
export const perInputItem = (brought: number): number => brought;

/** What a list would be taken to hold that does not say it. */
const UNKNOWN = 1_000;
/** A plain value in a list has no name in the answer: so many are as large as a field. */
const PLAIN_VALUES = 4;

/** How many things are in the lists that a call brings along. */
function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + 1 + sizeOf(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, item) => sum + sizeOf(item), 0);
}

export const isConnection = ({ name }: GraphQLObjectType): boolean => name.endsWith('Connection');

/** How often what is below a field may come. The lists of a connection are as long as its `first`. */
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

/** A field costs one, as often as it may come; a list that is brought along, one for each item. */
function costOf(operation: Operation, variables: Variables): number {
  /** By what the call above brought along. */
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

  /** What a field's selections cost: added up once, though fragments lead to them again and again. */
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

  /** A fragment that is spread again in the same place brings nothing more. */
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

/** So much cost is one unit of what a tenant may ask for: about what a call takes beside its fields. */
const COST_OF_A_UNIT = 500;

/** What a document counts besides the call itself: its cost, and each further change, which has a round trip of its own. */
export function unitsOf({ document, operationName }: Operation, { requested }: Cost): number {
  const wanted = getOperationAST(document, operationName);
  const changes =
    wanted?.operation === OperationTypeNode.MUTATION
      ? [...namesIn(wanted.selectionSet, (name) => fragment(document, name))].length
      : 0;
  return Math.max(0, changes - 1) + Math.floor(requested / COST_OF_A_UNIT);
}

/** What an operation may cost; throws where that is more than `maximum`. */
export function assertAffordable(
  operation: Operation,
  variables: Variables,
  maximum: number,
): Cost {
  const requested = costOf(operation, variables);
  if (requested <= maximum) return { requested, maximum };
  throw new GraphQLError(
    `This document may cost ${requested}, and ${maximum} is the most. Ask for shorter lists, or for less of each.`,
    {
      extensions: {
        code: 'GRAPHQL_VALIDATION_FAILED',
        cost: { requested, maximum },
        http: { status: 400, spec: true },
      },
    },
  );
}
