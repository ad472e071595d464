/**
 * Cursor pages (keyset pagination). A page starts after the row that the cursor names, whatever was
 * added or removed in between.
 */
import * as v from 'valibot';
import { type Refusal, refuse } from '../base/faults.ts';
import { parse, range } from '../base/text.ts';

export interface CursorPageInput {
  first: number;
  after?: string | null | undefined;
}

/** The content of a cursor: the sort key of its row. */
export type Key = (string | number)[];

export interface CursorPage<Row> {
  edges: { cursor: string; node: Row }[];
  hasNextPage: boolean;
  /** The cursor of the last row, or of how far the search went. Null if nothing follows. */
  endCursor: string | null;
}

const cursorPageInput = v.object({
  first: range(1, 100),
  after: v.nullish(v.string()),
});

/** The Refusal of a cursor that is not from this list. */
export const badCursor = (): Refusal =>
  refuse('INVALID', ['after'], 'Must be an unchanged cursor from this same list.');

/** Parts of a key. Some JSON numbers are no numbers to D1, and some texts are not well-formed. */
export const numberPart = v.pipe(v.number(), v.safeInteger());
export const textPart = v.pipe(
  v.string(),
  v.check((text) => text.isWellFormed()),
);

/**
 * A short hash of what identifies a list: its name, its tenant and its filters (FNV-1a, 32 bits).
 * It is not a secret.
 */
function markOf(list: readonly unknown[]): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify(list))) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

/** The cursors of one list. `list` tells it from other lists; `shape` is that of its keys. */
export function cursorOf<Shape extends v.GenericSchema>(list: readonly unknown[], shape: Shape) {
  const mark = markOf(list);
  return {
    write: (key: Key): string => Buffer.from(JSON.stringify([mark, ...key])).toString('base64url'),
    /** The key that a cursor holds. Throws a Refusal where this list did not give it. */
    read(cursor: string): v.InferOutput<Shape> {
      try {
        const [marked, ...key] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
        if (marked === mark) return v.parse(shape, key);
      } catch {
        // Not JSON, or not a key of this list.
      }
      throw badCursor();
    },
  };
}

/**
 * Begins a page. `list` identifies the list, since a cursor belongs to one. `shape` is the schema
 * of its keys. `limit` is one more than the page size, which tells whether another page follows.
 */
export function openCursorPage<Shape extends v.GenericSchema>(
  input: CursorPageInput,
  list: readonly unknown[],
  shape: Shape,
) {
  const { first, after } = parse(cursorPageInput, { first: input.first, after: input.after });
  const { read, write } = cursorOf(list, shape);
  return {
    limit: first + 1,
    after: after == null ? undefined : read(after),
    /**
     * Makes the page from up to `limit` rows. `lookedTo` is where the search stopped if it stopped
     * before the end of the list.
     */
    close<Row>(rows: Row[], keyOf: (row: Row) => Key, lookedTo?: Key): CursorPage<Row> {
      const isWhole = rows.length > first;
      const edges = rows.slice(0, first).map((node) => ({ cursor: write(keyOf(node)), node }));
      return {
        edges,
        hasNextPage: isWhole || lookedTo !== undefined,
        endCursor: lookedTo && !isWhole ? write(lookedTo) : (edges.at(-1)?.cursor ?? null),
      };
    },
  };
}
