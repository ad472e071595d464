/** Every action in a document is checked before any of it runs: a document is refused whole. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  getOperationAST,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { Fault, unauthenticated } from '../base/faults.ts';
import { assertAuthorized } from '../policy/authorize.ts';
import type { Context, FieldAction } from './builder.ts';
import type { Operation, Variables } from './operation.ts';
import { namesIn } from './selections.ts';

/** Throws UNAUTHENTICATED or FORBIDDEN for the first field that the caller may not have. */
export function assertDocumentAuthorized(
  operation: Operation,
  variables: Variables,
  { caller, docs }: Context,
): void {
  const { schema, document, operationName } = operation;
  const wanted = getOperationAST(document, operationName);
  const root = wanted && schema.getRootType(wanted.operation);
  if (!wanted || !root) return;

  for (const { node, parent, field, path } of fieldsOf(
    wanted.selectionSet,
    root,
    operation,
    variables,
  )) {
    // Arguments that do not fit refuse the document here, where nothing has run yet.
    const args = getArgumentValues(field, node, variables);
    const declared = field.extensions.action as FieldAction | undefined;
    const action =
      typeof declared === 'function'
        ? declared(
            args,
            namesIn(node.selectionSet, (name) => fragment(document, name)),
          )
        : declared;
    if (action === undefined) {
      if (parent === root && !docs) {
        if (caller.kind === 'guest') throw unauthenticated(false);
        if (field.name !== '__typename')
          throw new Fault(
            'FORBIDDEN',
            'Introspection is off here. GET /schema.graphql gives the schema to any key.',
          );
      }
      continue;
    }
    try {
      assertAuthorized(caller, action);
    } catch (fault) {
      throw fault instanceof Fault && fault.code === 'FORBIDDEN'
        ? new GraphQLError(fault.message, { nodes: node, path, originalError: fault })
        : fault;
    }
  }
}

interface FieldUse {
  node: FieldNode;
  parent: GraphQLObjectType;
  field: GraphQLField<unknown, unknown>;
  /** As in the answer, list positions left out. */
  path: string[];
}

/**
 * All fields that will be asked for, at any depth; a fragment is walked once, however often it is spread.
 * All our types are object types: no interfaces, no unions.
 */
function* fieldsOf(
  selections: SelectionSetNode,
  parent: GraphQLObjectType,
  operation: Operation,
  variables: Variables,
  above: string[] = [],
  walked = new Set<SelectionSetNode>(),
): Generator<FieldUse> {
  for (const node of selections.selections) {
    if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.if === true) continue;
    if (getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if === false) continue;
    if (node.kind === Kind.FIELD) {
      const field = operation.schema.getField(parent, node.name.value);
      // Validation lets none pass that the schema does not have.
      if (!field) continue;
      const path = [...above, (node.alias ?? node.name).value];
      yield { node, parent, field, path };
      const type = getNamedType(field.type);
      if (node.selectionSet && isObjectType(type)) {
        yield* fieldsOf(node.selectionSet, type, operation, variables, path, walked);
      }
      continue;
    }
    const inner =
      node.kind === Kind.INLINE_FRAGMENT ? node : fragment(operation.document, node.name.value);
    if (!inner || walked.has(inner.selectionSet)) continue;
    walked.add(inner.selectionSet);
    yield* fieldsOf(inner.selectionSet, parent, operation, variables, above, walked);
  }
}

export const fragment = (
  document: DocumentNode,
  name: string,
): FragmentDefinitionNode | undefined =>
  document.definitions.find(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
  ) as FragmentDefinitionNode | undefined;
