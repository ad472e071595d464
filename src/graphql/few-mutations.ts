/** Limits the mutations of one document. */
import { type ASTVisitor, GraphQLError, OperationTypeNode, type ValidationContext } from 'graphql';
import { countFields } from './selections.ts';

/** Each is a round trip. All count as one call. */
const MAX_MUTATIONS = 20;

/** A validation rule: at most 20 mutations, including aliased ones and those in fragments. */
export const fewMutations = (context: ValidationContext): ASTVisitor => ({
  OperationDefinition(node) {
    if (node.operation !== OperationTypeNode.MUTATION) return;
    const count = countFields(
      node.selectionSet,
      (name) => context.getFragment(name),
      ({ name }) => name.value !== '__typename',
    );
    if (count <= MAX_MUTATIONS) return;
    context.reportError(
      new GraphQLError(
        `A document may have at most ${MAX_MUTATIONS} mutations. Send the others in another one.`,
        { nodes: node },
      ),
    );
  },
});
