/** The edit distance between two texts or lists. */

/** The cost of each edit. Infinity forbids it. */
interface Costs<Item> {
  /** Replaces `from` by `to`. */
  change(from: Item, to: Item): number;
  add(item: Item): number;
  /** `isFirst`: no item of the other list comes before it. */
  drop(item: Item, isFirst: boolean): number;
}

/** The lowest cost of turning one list into the other (Levenshtein). */
export function editDistance<Item>(
  one: Iterable<Item>,
  other: readonly Item[],
  { change, add, drop }: Costs<Item>,
): number {
  let row = [0];
  for (const item of other) row.push((row.at(-1) ?? 0) + add(item));
  for (const item of one) {
    const next = [(row[0] ?? 0) + drop(item, true)];
    for (const [n, wanted] of other.entries()) {
      next.push(
        Math.min(
          (row[n] ?? 0) + change(item, wanted),
          (row[n + 1] ?? 0) + drop(item, false),
          (next[n] ?? 0) + add(wanted),
        ),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const LETTERS: Costs<string> = {
  change: (from, to) => (from === to ? 0 : 1),
  add: () => 1,
  drop: () => 1,
};

/**
 * The number of letters to add, drop or change to get from one word to the other. Infinity if that
 * is too many for a typo: more than two, or more than a third of the letters.
 */
export function typosBetween(word: string, wanted: string): number {
  const most = Math.min(2, Math.floor(wanted.length / 3));
  if (Math.abs(word.length - wanted.length) > most) return Number.POSITIVE_INFINITY;
  const slips = editDistance(word, [...wanted], LETTERS);
  return slips <= most ? slips : Number.POSITIVE_INFINITY;
}
