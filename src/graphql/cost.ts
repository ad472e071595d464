/** What a document may cost at most, known before any of it runs. */
import {
  type DocumentNode,
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
import { fragment, type Operation, type Variables } from './gate.ts';

/** What a list that says nothing of its length is taken to hold; others say so in `extensions`, as `most` of them. */
const USUAL_LENGTH = 10;

export interface Cost {
  requested: number;
  maximum: number;
}

/** How many things are in the lists that a call brings along. */
function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + 1 + sizeOf(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, item) => sum + sizeOf(item), 0);
}

/** How often what is below a field may come. The lists of a connection are as long as its `first`. */
function timesOf(
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLObjectType,
  { first }: Record<string, unknown>,
): number {
  if (typeof first === 'number') return Math.max(1, first);
  const isList = isListType(getNullableType(field.type));
  if (!isList || parent.name.endsWith('Connection')) return 1;
  return (field.extensions as { most?: number }).most ?? USUAL_LENGTH;
}

/** A field costs one, as often as it may come; a list that is brought along, one for each item. */
function costOf(operation: Operation, variables: Variables): number {
  const known = new Map<SelectionSetNode, number>();

  function ofField(node: FieldNode, parent: GraphQLObjectType): number {
    const field = operation.schema.getField(parent, node.name.value);
    if (!field) return 0;
    const args = getArgumentValues(field, node, variables);
    const type = getNamedType(field.type);
    const below =
      node.selectionSet && isObjectType(type) ? ofSelections(node.selectionSet, type) : 0;
    const times = timesOf(field, parent, args);
    // An item of a list of plain values costs one as well.
    return 1 + sizeOf(args) + times * (times > 1 ? Math.max(1, below) : below);
  }

  /** What a field's selections cost: added up once, though fragments lead to them again and again. */
  function ofSelections(selections: SelectionSetNode, parent: GraphQLObjectType): number {
    const cost = known.get(selections) ?? ofScope(selections, parent, new Set());
    known.set(selections, cost);
    return cost;
  }

  /** A fragment that is spread again in the same place brings nothing more. */
  function ofScope(
    selections: SelectionSetNode,
    parent: GraphQLObjectType,
    spread: Set<SelectionSetNode>,
  ): number {
    if (spread.has(selections)) return 0;
    spread.add(selections);
    let cost = 0;
    for (const node of selections.selections) {
      if (node.kind === Kind.FIELD) {
        cost += ofField(node, parent);
        continue;
      }
      const inner =
        node.kind === Kind.INLINE_FRAGMENT ? node : fragment(operation.document, node.name.value);
      if (inner) cost += ofScope(inner.selectionSet, parent, spread);
    }
    return cost;
  }

  const wanted = getOperationAST(operation.document, operation.operationName);
  const root = wanted && operation.schema.getRootType(wanted.operation);
  return wanted && root ? ofSelections(wanted.selectionSet, root) : 0;
}

/** So much cost is one unit of what a tenant may ask for: about what a call takes beside its fields. */
const COST_OF_A_UNIT = 500;

/** What a document counts besides the call itself: its cost, and each further change, which has a round trip of its own. */
export function unitsOf({ document, operationName }: Operation, { requested }: Cost): number {
  const wanted = getOperationAST(document, operationName);
  const changes =
    wanted?.operation === OperationTypeNode.MUTATION
      ? fieldsIn(wanted.selectionSet, document, new Set())
      : 0;
  return Math.max(0, changes - 1) + Math.floor(requested / COST_OF_A_UNIT);
}

/** How many fields a selection has on its first level, fragments opened. */
function fieldsIn(
  { selections }: SelectionSetNode,
  document: DocumentNode,
  spread: Set<unknown>,
): number {
  return selections.reduce((sum, node) => {
    if (node.kind === Kind.FIELD) return sum + 1;
    const inner = node.kind === Kind.INLINE_FRAGMENT ? node : fragment(document, node.name.value);
    if (!inner || spread.has(inner)) return sum;
    spread.add(inner);
    return sum + fieldsIn(inner.selectionSet, document, spread);
  }, 0);
}

/** What an operation may cost; throws where that is more than `maximum`. */
export function assertAffordable(
  operation: Operation,
  variables: Variables | undefined,
  maximum: number,
): Cost {
  const requested = variables ? costOf(operation, variables) : 0;
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
