/**
 * Authorizes every action of a document before any of it runs. A document is refused as a whole.
 */
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

/** Throws UNAUTHENTICATED, FORBIDDEN or PROOF for the first field that the caller may not use. */
export function assertDocumentAuthorized(
  operation: Operation,
  variables: Variables,
  { call, caller, docs }: Context,
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
    // Invalid arguments refuse the document here, before anything runs.
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
      assertAuthorized(call, caller, action);
    } catch (fault) {
      throw fault instanceof Fault && fault.code !== 'UNAUTHENTICATED'
        ? new GraphQLError(fault.message, { nodes: node, path, originalError: fault })
        : fault;
    }
  }
}

interface FieldUse {
  node: FieldNode;
  parent: GraphQLObjectType;
  field: GraphQLField<unknown, unknown>;
  /** As in the response, without list positions. */
  path: string[];
}

/**
 * All fields that will be resolved, at any depth. A fragment is visited once, however often it is
 * spread. All types here are object types: there are no interfaces and no unions.
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
      // Validation refuses fields that the schema does not have.
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
