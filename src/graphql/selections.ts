/** Walks selections, including fragments, for the rules that limit a document. */
import { type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/** Finds a fragment by name. Undefined if there is none, which another rule reports. */
export type FindFragment = (name: string) => FragmentDefinitionNode | null | undefined;

/**
 * Counts the fields of a selection for which `isCounted` is true. A fragment counts as often as it
 * is spread.
 */
export function countFields(
  selections: SelectionSetNode,
  findFragment: FindFragment,
  isCounted: (field: FieldNode) => boolean,
): number {
  const counted = new Map<SelectionSetNode, number>();
  const countIn = (set: SelectionSetNode): number => {
    const known = counted.get(set);
    if (known !== undefined) return known;
    // A fragment that spreads itself adds nothing.
    counted.set(set, 0);
    let count = 0;
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        count += isCounted(node) ? 1 : 0;
        continue;
      }
      const inner = node.kind === Kind.INLINE_FRAGMENT ? node : findFragment(node.name.value);
      if (inner) count += countIn(inner.selectionSet);
    }
    counted.set(set, count);
    return count;
  };
  return countIn(selections);
}

/** The fields of selections on one object, by their names in the response. */
export function fieldsByName(
  sets: readonly SelectionSetNode[],
  findFragment: FindFragment,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const seen = new Set<SelectionSetNode>();
  const collect = (set: SelectionSetNode): void => {
    if (seen.has(set)) return;
    seen.add(set);
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        const name = (node.alias ?? node.name).value;
        const alike = fields.get(name);
        if (alike) alike.push(node);
        else fields.set(name, [node]);
        continue;
      }
      const inner = node.kind === Kind.INLINE_FRAGMENT ? node : findFragment(node.name.value);
      if (inner) collect(inner.selectionSet);
    }
  };
  for (const set of sets) collect(set);
  return fields;
}

/** The selections below fields that form one object. */
export const below = (fields: readonly FieldNode[]): SelectionSetNode[] =>
  fields.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));

/** The names of the fields below those with this name. */
export function* namesBelow(
  sets: readonly SelectionSetNode[],
  name: string,
  findFragment: FindFragment,
): Generator<string> {
  for (const fields of fieldsByName(sets, findFragment).values()) {
    for (const { name: own, selectionSet } of fields) {
      if (own.value === name) yield* namesIn(selectionSet, findFragment);
    }
  }
}

/** The names of the fields of a selection, including its fragments, each visited once. */
export function* namesIn(
  selections: SelectionSetNode | undefined,
  findFragment: FindFragment,
  spread = new Set<string>(),
): Generator<string> {
  for (const node of selections?.selections ?? []) {
    if (node.kind === Kind.FIELD) {
      yield node.name.value;
      continue;
    }
    const name = node.kind === Kind.FRAGMENT_SPREAD ? node.name.value : undefined;
    if (name !== undefined && spread.has(name)) continue;
    if (name !== undefined) spread.add(name);
    const inner = node.kind === Kind.INLINE_FRAGMENT ? node : findFragment(node.name.value);
    yield* namesIn(inner?.selectionSet, findFragment, spread);
  }
}
