/** Repeatable random numbers: the same seed gives the same run. */

export interface Random {
  /** From 0 up to, but not including, 1. */
  fraction(): number;
  /** A multiple of `step`, from `least` to `most`. */
  between(least: number, most: number, step?: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
}

/** Mulberry32, by Tommy Ettinger. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function newRandom(seed: number): Random {
  const fraction = mulberry32(seed);
  const between = (least: number, most: number, step = 1) =>
    least + step * Math.floor(fraction() * (Math.floor((most - least) / step) + 1));
  return {
    fraction,
    between,
    chance: (probability) => fraction() < probability,
    pick<Item>(items: readonly Item[]): Item {
      const item = items[between(0, items.length - 1)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
}
