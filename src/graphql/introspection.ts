/** Limits introspection. It costs nothing, so its form is limited. */
import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { below, countFields, type FindFragment, fieldsByName } from './selections.ts';

const MOST: Record<string, number> = { __schema: 1, __type: 10 };

/** The most levels of fields, from `__schema` or `__type`: as deep as the query of tools. */
const MAX_DEPTH = 15;
/** The most fields in all. The query of tools has some 300. */
const MAX_FIELDS = 3_000;

/** Lists as long as the schema. One below itself would multiply that. */
const LISTS = new Set([
  'types',
  'directives',
  'fields',
  'args',
  'inputFields',
  'enumValues',
  'interfaces',
  'possibleTypes',
]);

export const isIntrospection = ({ name }: FieldNode): boolean => Object.hasOwn(MOST, name.value);

/**
 * A validation rule: one `__schema`, ten `__type`, and nothing below them that multiplies the
 * response.
 */
export const smallIntrospection = (context: ValidationContext): ASTVisitor => {
  const findFragment: FindFragment = (name) => context.getFragment(name);
  return {
    OperationDefinition(node) {
      const sentence =
        tooMany(node.selectionSet, findFragment) ?? tooLarge(node.selectionSet, findFragment);
      if (sentence) context.reportError(new GraphQLError(sentence, { nodes: node }));
    },
  };
};

function tooMany(root: SelectionSetNode, findFragment: FindFragment): string | undefined {
  for (const [name, most] of Object.entries(MOST)) {
    const count = countFields(root, findFragment, (field) => field.name.value === name);
    if (count > most) return `A document may have at most ${most} "${name}".`;
  }
  return undefined;
}

function tooLarge(root: SelectionSetNode, findFragment: FindFragment): string | undefined {
  let fields = 0;

  function excess(
    sets: SelectionSetNode[],
    depth: number,
    above: readonly string[],
  ): string | undefined {
    const names = new Set<string>();
    for (const alike of fieldsByName(sets, findFragment).values()) {
      const name = alike[0]?.name.value ?? '';
      if (depth > MAX_DEPTH) return `Introspection may nest at most ${MAX_DEPTH} deep.`;
      if (++fields > MAX_FIELDS) return 'This asks for too much of the schema at once.';
      if (names.has(name)) return 'Introspection may ask for a field once in each place.';
      if (above.includes(name)) return `Introspection may not ask for "${name}" below itself.`;
      names.add(name);
      const found = excess(below(alike), depth + 1, LISTS.has(name) ? [...above, name] : above);
      if (found) return found;
    }
    return undefined;
  }

  for (const alike of fieldsByName([root], findFragment).values()) {
    const [first] = alike;
    const found = first && isIntrospection(first) && excess(below(alike), 2, []);
    if (found) return found;
  }
  return undefined;
}
