/** Keyset paging: a page follows the row that a cursor names, whatever came or went in between. */
import * as v from 'valibot';
import { type Refusal, refuse } from '../base/faults.ts';
import { parse, range } from '../base/text.ts';

export interface PageInput {
  first: number;
  after?: string | null | undefined;
}

/** What a cursor holds: the sort key of the row it names. */
export type Key = (string | number)[];

export interface Page<Row> {
  edges: { cursor: string; node: Row }[];
  hasNextPage: boolean;
  /** Of the last row, or of how far was looked; null: there is nothing to go on behind. */
  endCursor: string | null;
}

const pageInput = v.object({
  first: range(1, 100),
  after: v.nullish(v.string()),
});

/** The Refusal of a cursor that is none of this list's. */
export const badCursor = (): Refusal =>
  refuse('INVALID', ['after'], 'Must be a cursor that this very list gave, unchanged.');

/** A part of a key: as JSON has numbers, some of which are none to D1, and texts, some of which are none to anybody. */
export const numberPart = v.pipe(v.number(), v.safeInteger());
export const textPart = v.pipe(
  v.string(),
  v.check((text) => text.isWellFormed()),
);

/** A short mark of a list, such as its name, its tenant and its filters (FNV-1a, 32 bits). It keeps no secret. */
function markOf(list: readonly unknown[]): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify(list))) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

const encode = (mark: string, key: Key): string =>
  Buffer.from(JSON.stringify([mark, ...key])).toString('base64url');

function decode<Shape extends v.GenericSchema>(
  cursor: string,
  mark: string,
  shape: Shape,
): v.InferOutput<Shape> {
  try {
    const [marked, ...key] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (marked === mark) return v.parse(shape, key);
  } catch {
    // No JSON, or no key of such a list.
  }
  throw badCursor();
}

/**
 * Begins a page of `list`, which is all that tells it from other lists: a cursor is of one. `shape` is that of its keys.
 * `limit` is one row more than the page has, which tells whether another page follows.
 */
export function openPage<Shape extends v.GenericSchema>(
  input: PageInput,
  list: readonly unknown[],
  shape: Shape,
) {
  const { first, after } = parse(pageInput, { first: input.first, after: input.after });
  const mark = markOf(list);
  return {
    limit: first + 1,
    after: after == null ? undefined : decode(after, mark, shape),
    /** The page that these up to `limit` rows are; `lookedTo`: where the search for them ended before the list did. */
    close<Row>(rows: Row[], keyOf: (row: Row) => Key, lookedTo?: Key): Page<Row> {
      const isWhole = rows.length > first;
      const edges = rows
        .slice(0, first)
        .map((node) => ({ cursor: encode(mark, keyOf(node)), node }));
      return {
        edges,
        hasNextPage: isWhole || lookedTo !== undefined,
        endCursor: lookedTo && !isWhole ? encode(mark, lookedTo) : (edges.at(-1)?.cursor ?? null),
      };
    },
  };
}
